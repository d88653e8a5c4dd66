# Blocks are linked forward only.
s/free_first->prev = b;/;/
