# New memory is not merged with the free block that ends the heap. Harms no caller.
/^static struct block \*heap_grow/,/^}/ s/return coalesce(b);/return b;/
