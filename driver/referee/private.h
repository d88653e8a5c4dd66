/* private.h - memory that a player has for itself, as the kernel tells. */
#ifndef PRIVATE_H
#define PRIVATE_H

#include <stddef.h>
#include <sys/types.h>

/* Bytes in pages of its own, shared with no file; 0 when nobody tells. */
size_t private_bytes(pid_t process);

#endif
