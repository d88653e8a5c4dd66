# Blocks are cut where they may begin, not where they fit. Harms a caller.
s/return aligned < fits ? aligned : fits;/return aligned;/
