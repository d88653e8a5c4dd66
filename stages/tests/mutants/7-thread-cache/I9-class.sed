# A slot goes into the bin of the next class.
/^static void slot_free/,/^}/ s/slab_of(slot)->class;/(slab_of(slot)->class + 1u) % CLASSES;/
