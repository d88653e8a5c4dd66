# A block that was merged away stays in the list.
s/list_remove(next);/;/
