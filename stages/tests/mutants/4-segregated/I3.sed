# A block is not merged with the one above. Harms a caller.
/^static void coalesce/,/^}/ s/if (word_is_free(word))/if (word == 0)/
