# The bit of a ring that was emptied stays set.
s/class_map\[c \/ MAP_BITS\] &= ~(emptied << c % MAP_BITS);/(void)emptied;/
