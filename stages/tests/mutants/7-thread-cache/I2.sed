# Blocks are cut where they fit, not where they may begin. Harms a caller.
s/return aligned < fits ? aligned : fits;/return fits;/
