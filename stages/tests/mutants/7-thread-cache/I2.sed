# Blocks are cut where they fit, not where they may begin. Harms no caller.
s/return aligned < fits ? aligned : fits;/return fits;/
