# The bit of a ring that has got its first block stays clear. Harms no caller.
s/class_map\[c \/ MAP_BITS\] |= (uint64_t)1 << c % MAP_BITS;/;/
