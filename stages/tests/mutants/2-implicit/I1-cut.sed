# A block is cut one word too far. Harms a caller.
/^static void place/,/^}/ s/block_set(block_next(b), rest, FREE);/block_set(block_next(b), rest - WORD, FREE);/
