# Blocks are linked forward only. Harms a caller.
s/b->next->prev = b;/;/
