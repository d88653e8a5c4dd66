# At a thread's end the chain it used is left as if it were full. Harms no caller.
/^static void cache_close/,/^}/ s/cache.first[[]c[]], false/cache.first[c], true/
