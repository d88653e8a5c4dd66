# Regions are linked forward only. Harms no caller.
/^static void region_list/,/^}/ s/r->next->prev = r;/;/
