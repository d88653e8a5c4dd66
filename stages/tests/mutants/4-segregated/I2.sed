# A free block gets no footer.
s/\*block_footer(b, size) = size;/;/
