/*
 * locked.h - a lock around a stage that is not thread-safe.
 *
 * One call at a time gets in, whatever it does: what a program with threads
 * does with an allocator that knows nothing of them.
 */
#ifndef LOCKED_H
#define LOCKED_H

#include "stage.h"

/*
 * locked_stage - the same stage with one lock around every call.
 *
 * There is one such table in a process; the next call changes it.
 */
const struct stage *locked_stage(const struct stage *stage);

#endif
