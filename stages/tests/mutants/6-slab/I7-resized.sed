# A slot that was resized is not behind what was handed out. Harms no caller.
/^static bool run_resize/,/^}/ s/s->untouched += .*/;/
