# The rest of a block that was cut is free and in no list. Harms a caller.
/^static void place/,/^}/ s/list_push(block_next(b));/;/
