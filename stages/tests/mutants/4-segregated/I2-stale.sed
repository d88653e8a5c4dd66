# The block above one that is no longer free is not told.
s/b->header -= PREV_FREE \* secret;/(void)b;/
