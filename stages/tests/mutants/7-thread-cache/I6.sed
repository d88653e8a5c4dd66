# Each page of a slab names itself. Harms a caller.
/^static struct slab \*slab_on/,/^}/ s/a->first\[unit + i\] = (uint16_t)unit;/a->first[unit + i] = (uint16_t)(unit + i);/
