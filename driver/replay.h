/* replay.h - run a trace through a stage, checking every answer. */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "check.h"

/*
 * replay_checked - one checked pass, with memory newly reset.
 *
 * check: trace, stage, result, limit, debug, map and at_once are set; the rest
 * is worked with. memlib is open. With PHASE_CHECKED, fills in
 * result->peak_blocks and what the stage can do.
 *
 * Threads of the trace take turns, in the order of the file, so every run is
 * the same; and result->peak_footprint is raised to what the pass took. With
 * at_once each goes on as fast as it can, and the footprint is not noted.
 *
 * Returns true when every answer was right; false, explained in the result.
 */
bool replay_checked(struct check *check);

/* The check under way in this thread, for a signal handler; or NULL. */
const struct check *replay_current(void);

#endif
