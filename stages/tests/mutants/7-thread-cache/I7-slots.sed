# A slab is thought to hold one slot more. Harms a caller.
s/shapes\[c\].slots = class_slots(c);/shapes[c].slots = (uint16_t)(class_slots(c) + 1);/
