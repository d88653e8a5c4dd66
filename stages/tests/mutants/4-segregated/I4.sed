# The rest of a block that was cut is free and in no ring. Harms a caller.
/place(struct block/,/^}/ s/list_push(b, rest);/;/
