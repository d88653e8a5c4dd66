/*
 * measure_crew.h - how fast a stage is on a trace with threads, beside glibc.
 *
 * As measure.h, in turn and in one process; but by a wall clock, from the
 * moment when the first thread begins to the last operation of the last, and
 * with the driver's own loop in it, the same for both. docs/driver.md says
 * why.
 */
#ifndef MEASURE_CREW_H
#define MEASURE_CREW_H

#include <stdbool.h>

#include "result.h"
#include "stage.h"
#include "timed_crew.h"
#include "trace.h"

/* How a stage is timed that lies in another process. For both sides, time is
   then that of a processor, from when all threads are there to the last
   operation of the last. */
struct crew_rig {
    /* As struct rig's. */
    bool (*begin)(const struct timed_crew *timed, bool counts);

    /* As timed_crew_play; carries out what the stage asked memlib for. False
       also when it could not, explained. */
    bool (*play)(struct timed_crew *timed, double *seconds);
};

/* How measure_crew goes about it. */
struct measure_crew_options {
    bool parallel; /* on all processors the process may use, not on one */
    const struct crew_rig *rig; /* NULL: the stage lies in this process */
};

/*
 * measure_crew - time stage and glibc on trace, and verify what was timed.
 *
 * When to call it, what it changes and what comes back: as measure_trace; but
 * the cycles stay unknown, and of a pass that takes over twice the
 * result->peak_footprint, for what was live, half counts.
 */
bool measure_crew(const struct trace *trace, const struct stage *stage,
                  const struct measure_crew_options *options,
                  struct result *result);

#endif
