# The heap does not grow by what is cut off for alignment. Harms a caller.
s/heap_grow(gap + size_for(size))/heap_grow(size_for(size))/
