# What is cut off for alignment is a word short. Harms a caller.
/^static struct block \*split_front/,/^}/ s/block_set(b, gap, FREE);/block_set(b, gap - WORD, FREE);/
