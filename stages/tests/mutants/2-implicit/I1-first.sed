# The footer that begins the heap has a size. Harms no caller.
s/base\[0\] = ALLOCATED;/base[0] = MIN_BLOCK | ALLOCATED;/
