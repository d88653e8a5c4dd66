# A mapping is not made of whole pages. Harms a caller.
s/MAP_MIN = 1 << 22/MAP_MIN = 1 << 12/
/mapping_size_for(size_t/,/^}/ s/ & ~(mem_pagesize() - 1);/;/
