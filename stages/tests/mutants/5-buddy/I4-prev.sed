# Blocks are linked forward only.
s/b->next->prev = b;/;/
