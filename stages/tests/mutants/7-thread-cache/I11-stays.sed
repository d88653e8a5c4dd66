# A chain taken from a depot is still linked there. Harms a caller.
/^static struct slot \*depot_pop/,/^}/ s/d->first = chain->chain;/;/
