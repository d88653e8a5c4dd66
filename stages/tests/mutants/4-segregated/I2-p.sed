# The block above a free one is not told.
s/b->header += PREV_FREE \* secret;/(void)b;/
