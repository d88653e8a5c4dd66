# A buddy that was merged stays in its list. Harms a caller.
s/list_remove(buddy);/units_flip(arena_of(b), block_unit(buddy), 1u << order), *block_state(buddy) = INSIDE;/
