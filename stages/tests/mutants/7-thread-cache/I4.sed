# A buddy that was merged stays in its list. Harms a caller.
s/list_remove(buddy);/*block_state(buddy) = INSIDE;/
