# Sizes are not rounded up. Harms a caller.
/^static size_t size_for/,/^}/ s/return .*;/return n + WORD;/
