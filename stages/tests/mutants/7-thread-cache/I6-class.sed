# Only a slab's first page names its class. Harms a caller.
s/a->region.class\[unit + i\] = (uint8_t)c;/a->region.class[unit] = (uint8_t)c;/
