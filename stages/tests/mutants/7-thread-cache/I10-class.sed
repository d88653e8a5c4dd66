# A slot goes into the chain of the next class. Harms a caller.
/^void mm_free/,/^}/ s/region_class(region_of(ptr), ptr)/(region_class(region_of(ptr), ptr) + 1) % CLASSES/
