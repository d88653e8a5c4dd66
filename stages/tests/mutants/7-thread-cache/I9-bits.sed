# Units that come into use keep their bits. Harms a caller.
s/units_flip(arena_of(b), block_unit(b), (size_t)1 << block_order(b));/;/
