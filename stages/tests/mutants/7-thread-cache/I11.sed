# A chain taken from a depot is still counted there. Harms no caller.
/^static struct slot \*depot_pop/,/^}/ s/d->count--;/;/
