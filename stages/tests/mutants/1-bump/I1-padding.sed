# The first block is looked for in the padding.
s/(struct block \*)(base + 1)/(struct block *)base/
