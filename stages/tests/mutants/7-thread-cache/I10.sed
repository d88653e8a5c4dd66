# A bin is as large as its memory, whatever its class. Harms no caller.
/^static void \*\*bin_new/,/^}/ s/shapes\[c\].room/BIN_WORDS - 1/
