# The first block is looked for in the padding. Harms a caller.
s/(struct block \*)(base + 1)/(struct block *)base/
