# Blocks are linked forward only. Harms no caller.
s/b->next->prev = b;/;/
