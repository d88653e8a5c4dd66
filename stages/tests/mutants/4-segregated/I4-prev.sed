# Blocks are linked forward only.
s/ring->next->prev = b;/;/
