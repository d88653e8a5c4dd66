# A rest of 16 bytes, too short for links, becomes a block. Harms a caller.
s/if (rest < MIN_BLOCK)/if (rest < MM_ALIGN)/
