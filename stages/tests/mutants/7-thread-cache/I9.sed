# Units that become free do not make the rows longer. Harms a caller.
s/row_most\[arena_index(a)\] = UNITS;/;/
