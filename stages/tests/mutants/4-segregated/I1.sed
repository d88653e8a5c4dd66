# The top is taken to end before the break. Harms a caller.
s/top_end = block_next(top_end, grow);/top_end = block_next(top_end, grow - MM_ALIGN);/
