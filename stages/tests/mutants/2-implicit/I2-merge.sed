# A merged block gets no footer. Harms a caller.
/^static struct block \*coalesce/,/^}/ s/block_set(b, size, FREE);/b->header = size | FREE;/
