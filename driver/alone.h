/*
 * alone.h - notice a stage that forks.
 *
 * A copy of the child that replays would go on replaying and report twice.
 */
#ifndef ALONE_H
#define ALONE_H

#include <stdbool.h>

/*
 * alone_open - remember that this process is the one that replays.
 *
 * Returns false with errno when the kernel refuses.
 */
bool alone_open(void);

/* alone_has_child - true while this process has a child. A system call. */
bool alone_has_child(void);

/*
 * alone_is_alone - true while this process has no child and no copy of it has
 * called this. In a copy, however made, it does not return: the copy ends.
 *
 * To be called after every operation, so it looks for a child after each of a
 * thread's first 64 calls, and of those that follow after one in 64.
 */
bool alone_is_alone(void);

/* Another process holds the stage, and tells whether that one is alone. */
void alone_tell(bool is_alone);

/* End a copy of the process; for places that would report. */
void alone_end_copy(void);

#endif
