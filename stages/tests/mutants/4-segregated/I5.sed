# The bit of a ring that was emptied stays set. Harms a caller.
s/class_map\[c \/ MAP_BITS\] &= ~(emptied << c % MAP_BITS);/(void)emptied;/
