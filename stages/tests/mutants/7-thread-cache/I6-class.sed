# Only a slab's first page names its class. Harms a caller.
/^static struct slab \*slab_on/,/^}/ s/(int)c, units)/(int)c, 1)/
