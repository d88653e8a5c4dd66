# The block above one that is no longer free is not told. Harms a caller.
s/b->header -= PREV_FREE \* secret;/(void)b;/
