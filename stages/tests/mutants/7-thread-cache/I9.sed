# A bin is looked at too late. Harms no caller.
s/cache.budget\[c\] = bin_keep(c);/cache.budget[c] = 2 * bin_keep(c);/
