# A chain that is begun has the slots of the full one, too. Harms a caller.
/^static void slot_spill/,/^}/ s/chain_push(NULL, slot)/chain_push(cache.first[c], slot)/
