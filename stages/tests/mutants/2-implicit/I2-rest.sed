# The rest of a block that was cut gets no footer. Harms a caller.
/^static void place/,/^}/ s/block_set(block_next(b), rest, FREE);/block_next(b)->header = rest | FREE;/
