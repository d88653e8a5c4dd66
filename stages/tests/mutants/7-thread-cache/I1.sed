# Regions are linked forward only.
/^static void region_list/,/^}/ s/r->next->prev = r;/;/
