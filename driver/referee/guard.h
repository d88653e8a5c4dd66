/* guard.h - the filter of system calls that a player shuts itself in with. */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

/* Read the filter, a program for seccomp(2) as libseccomp exports it. Returns
   false with errno. */
bool guard_read(int file);

/*
 * guard_enter - from here on only the system calls that the filter allows; and
 * without threads, no clone(2) either. Without a filter, nothing changes.
 *
 * Returns false with errno.
 */
bool guard_enter(bool has_threads);

#endif
