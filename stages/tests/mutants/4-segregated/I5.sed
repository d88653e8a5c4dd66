# The bit of a ring that was emptied stays set.
s/class_map\[class \/ MAP_BITS\] &= ~(emptied << class % MAP_BITS);/(void)emptied;/
