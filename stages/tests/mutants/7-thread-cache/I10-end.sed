# At a thread's end the chain it used is left as if it were full. Harms no caller.
/^static void cache_close/,/^}/ s/chain_free(c, cache.first/depot_give(c, cache.first/
