# mm_free does not merge.
/^void mm_free/,/^}/ s/coalesce(b);/;/
