# A buddy that was merged stays in its list.
s/list_remove(buddy);/*block_state(buddy) = INSIDE;/
