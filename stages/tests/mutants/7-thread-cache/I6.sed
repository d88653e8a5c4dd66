# Only a slab's first page names it. Harms a caller.
/^static struct slab \*slab_new/,/^}/ s/i < (size_t)1 << order;/i < 1;/
