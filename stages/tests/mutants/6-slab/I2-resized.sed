# A run that has shrunk or grown keeps the blocks it was made of. Harms no caller.
/^static bool run_resize/,/^}/ s/units_use(.*/;/
