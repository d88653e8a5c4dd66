# A slab is thought to hold one slot more. Harms a caller.
s/s->remaining = class_slots(c);/s->remaining = (uint16_t)(class_slots(c) + 1);/
