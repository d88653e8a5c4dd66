# The header that ends the heap has a size. Harms no caller.
s/block_next(b)->header = ALLOCATED;/block_next(b)->header = MIN_BLOCK | ALLOCATED;/
