# A block that was merged away stays in the list. Harms a caller.
s/list_remove(next);/;/
