# A row of units that is taken does not count as used. Harms no caller.
/^static struct block \*row_take/,/^}/ s/a->used += units;/;/
