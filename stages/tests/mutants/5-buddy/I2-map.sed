# A block that was merged away keeps its place in the map.
/^static void coalesce/,/^}/ s/\*block_state(b) = INSIDE;/;/
