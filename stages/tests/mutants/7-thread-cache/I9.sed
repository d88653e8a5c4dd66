# Units that become free do not make the rows longer. Harms no caller.
s/row_most\[arena_index(a)\] = UNITS;/;/
