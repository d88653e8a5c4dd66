# Headers are written, footers are not.
s/\*block_footer(b) = size | state;/;/
