# mm_free wipes the size. Harms a caller.
/^void mm_free/,/^}/ s/block_set(b, block_size(b), FREE)/block_set(b, 0, FREE)/
