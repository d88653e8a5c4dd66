# A header promises more than the heap grew by. Harms a caller.
/^static struct block \*heap_grow/,/^}/ s/block_set(b, size, FREE)/block_set(b, size + MM_ALIGN, FREE)/
