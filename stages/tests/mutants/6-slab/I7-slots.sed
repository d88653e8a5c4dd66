# A slab is thought to hold one slot more.
s/s->remaining = class_slots(class);/s->remaining = (uint16_t)(class_slots(class) + 1);/
