# A block goes to the class above its own. Harms a caller.
/list_push(struct/,/^}/ s/class_of(size)/class_of(size) + 1/
