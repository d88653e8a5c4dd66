/*
 * measure.h - how fast a stage is on a trace, beside glibc in the same run.
 *
 * Speed T = glibc's time / the stage's time. Both are replayed in turn in one
 * process, on pages already touched, through the same table of functions; the
 * time of the driver's own loop is measured apart and subtracted. The median
 * over many such pairs is what counts. docs/driver.md says why.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>

#include "result.h"
#include "stage.h"
#include "trace.h"

struct measure_options {
    int pairs_min;  /* pairs timed at least; a slow stage gets fewer */
    int pairs_max;  /* pairs timed at most */
    double seconds; /* of a processor, to spend on a trace, about */
};

/* What mdriver uses unless told otherwise. */
extern const struct measure_options measure_defaults;

/*
 * measure_trace - time stage and glibc on trace, and verify what was timed.
 *
 * Call it after a first checked pass, with memlib open: it sets memlib's mode
 * to MEM_WARM and calls stage->init before each pass. It raises
 * result->peak_footprint to that of the most wasteful pass, brings
 * result->utilization up to date, counts passes and ops in result->pass and
 * result->op, and fills result->timing. From here on libc's malloc of this
 * process keeps all memory it got (see docs/driver.md).
 *
 * stage may be &libc_stage; its answers are then not verified.
 *
 * Returns true; false with result->verdict and result->error set when a timed
 * pass gave a wrong answer, ran out of memory or memory for the measuring
 * itself is lacking (VERDICT_BROKEN).
 */
bool measure_trace(const struct trace *trace, const struct stage *stage,
                   const struct measure_options *options,
                   struct result *result);

#endif
