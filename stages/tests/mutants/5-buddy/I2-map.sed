# A block that was merged away keeps its place in the map. Harms no caller.
/^static void coalesce/,/^}/ s/\*block_state(b) = INSIDE;/;/
