# A bin is looked at too late.
s/cache.budget\[c\] = cache.limit\[c\] \/ 2;/cache.budget[c] = cache.limit[c];/
