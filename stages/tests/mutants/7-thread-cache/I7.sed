# A slot put back still counts as used.
/^static void slab_put/,/^}/ s/s->used--;/;/
