# A slab is thought to hold one slot more. Harms a caller.
s/shape->slots = class_slots(c);/shape->slots = (uint16_t)(class_slots(c) + 1);/
