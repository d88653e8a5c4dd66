# A mapping is linked forward only. Harms a caller.
s/MAP_MIN = 1 << 22/MAP_MIN = 1 << 12/
s/ring_push(&mappings, &m->link);/m->link.next = \&mappings, mappings.next = \&m->link;/
