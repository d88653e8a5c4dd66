# A slot taken from a bin leaves no room behind.
/^static struct slot \*bin_pop/,/^}/ s/bin->room++;/;/
