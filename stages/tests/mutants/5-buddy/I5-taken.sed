# A block that is taken does not count as used. Harms no caller.
s/arena_of(b)->used += (size_t)1 << order;/;/
