# Slots that are put in a chain lack the last one. Harms a caller.
/^static struct slot \*chain_of/,/^}/ s/i < count/i + 1 < count/
