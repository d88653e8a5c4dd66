# A slot goes into the chain of the next class. Harms a caller.
/^void mm_free/,/^}/ s/page_class(page)/(page_class(page) + 1) % CLASSES/
