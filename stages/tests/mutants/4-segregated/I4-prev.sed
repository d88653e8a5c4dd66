# Blocks are linked forward only. Harms a caller.
s/ring->next->prev = b;/;/
