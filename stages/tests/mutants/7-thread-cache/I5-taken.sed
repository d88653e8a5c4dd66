# Units that are taken do not count as their arena's. Harms no caller.
/^static void units_count/,/^}/ s/a->used += units;/;/
