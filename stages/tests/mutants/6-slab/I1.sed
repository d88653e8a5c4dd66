# Regions are linked forward only. Harms a caller.
/^static void region_list/,/^}/ s/r->next->prev = r;/;/
