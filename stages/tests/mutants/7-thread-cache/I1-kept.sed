# A block that is kept is not marked as such. Harms no caller.
/^static void large_free/,/^}/ s/r->payload = KEPT;/;/
