# A free block gets no footer. Harms a caller.
s/\*block_footer(b, size) = size;/;/
