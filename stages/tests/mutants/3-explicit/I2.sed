# Headers are written, footers are not. Harms a caller.
s/\*block_footer(b) = size | state;/;/
