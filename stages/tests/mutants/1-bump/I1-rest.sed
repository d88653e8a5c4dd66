# The aligned block gets no header of its own. Harms a caller.
/^static struct block \*split_front/,/^}/ s/block_set(b, rest, FREE);/;/
