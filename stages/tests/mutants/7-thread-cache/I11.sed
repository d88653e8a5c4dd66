# A chain taken from a depot is still counted there. Harms a caller.
/^static struct slot \*depot_pop/,/^}/ s/d->count--;/;/
