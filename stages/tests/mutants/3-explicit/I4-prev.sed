# Blocks are linked forward only. Harms a caller.
s/free_first->prev = b;/;/
