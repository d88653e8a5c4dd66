# A block given back still counts as used.
/^static void block_free/,/^}/ s/a->used -= .*/;/
