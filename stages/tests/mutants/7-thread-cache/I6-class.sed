# Only a slab's first page names its class. Harms a caller.
s/a->region.class\[class_place(b) + i\] = (uint8_t)c;/a->region.class[class_place(b)] = (uint8_t)c;/
