# A depot takes as many slots as fit its array. Harms no caller.
/^static void depot_give/,/^}/ s/DEPOT_BINS \* shapes\[c\].room/DEPOT_BINS * BIN_WORDS/
