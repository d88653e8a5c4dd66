# Only a slab's first page names it. Harms a caller.
/^static struct slab \*slab_on/,/^}/ s/a->first\[unit + i\] = (uint16_t)unit;/a->first[unit] = (uint16_t)unit;/
