# A full slab stays in the list of its class. Harms a caller.
/^static void \*slab_take/,/^}/ s/slab_unlist(s);/;/
