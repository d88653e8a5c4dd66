# Buddies are never merged.
s/if (\*block_state(buddy) != (order | FREE))/if (order < ORDERS)/
