# Units that become free do not make the rows longer. Harms a caller.
s/^        a->row_most = UNITS;/        ;/
