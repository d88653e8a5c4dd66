# Blocks are merged with the one above only. Harms no caller.
s/struct block \*prev = block_prev_free(b);/struct block *prev = NULL;/
