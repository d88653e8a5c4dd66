# mm_free does not merge. Harms no caller.
/^void mm_free/,/^}/ s/coalesce(b);/;/
