# A block goes to the class above its own.
/list_push(struct/,/^}/ s/class_of(size)/class_of(size) + 1/
