# A block that was merged away stays in its ring. Harms a caller.
/^static void coalesce/,/^}/ s/list_remove(next, word_size(word));/;/
