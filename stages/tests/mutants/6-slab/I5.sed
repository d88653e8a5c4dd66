# Units given back still count as used. Harms no caller.
/^static void units_give/,/^}/ s/a->used -= .*/;/
