/* replay.h - run a trace through a stage, checking every answer. */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "check.h"

/*
 * replay_checked - one checked pass, with memory newly reset.
 *
 * check: trace, stage, result, limit and debug are set; the rest is worked
 * with. memlib is open. Raises result->peak_footprint to what the pass took
 * and, with PHASE_CHECKED, fills in result->peak_blocks and what the stage
 * can do.
 *
 * Threads of the trace play at once; but with debug they take turns, in the
 * order of the file, and peak_blocks stays unknown.
 *
 * Returns true when every answer was right; false, explained in the result.
 */
bool replay_checked(struct check *check);

/* The check under way in this thread, for a signal handler; or NULL. */
const struct check *replay_current(void);

#endif
