# A run that has grown does not mark the pages it has gained. Harms a caller.
/^static bool run_resize/,/^}/ s/slab_on(b, c, units)->used = 1;/s->class = (uint8_t)c;/
