# The block above a free one is not told. Harms a caller.
s/b->header += PREV_FREE \* secret;/(void)b;/
