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
#include "trace.h"

/*
 * measure_crew - time stage and glibc on trace, and verify what was timed.
 *
 * parallel: on all processors the process may use, not on one of them.
 *
 * When to call it, what it changes and what comes back: as measure_trace; but
 * the cycles stay unknown, and of a pass that takes over twice the
 * result->peak_footprint, for what was live, half counts.
 */
bool measure_crew(const struct trace *trace, const struct stage *stage,
                  bool parallel, struct result *result);

#endif
