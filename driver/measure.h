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
#include <stdint.h>

#include "result.h"
#include "stage.h"
#include "timed.h"
#include "trace.h"

/* How a stage is timed that lies in another process. */
struct rig {
    /* Get ready for a pass, before stage->init. One that counts is played where
       nothing is known of the passes before. False, explained, on failure. */
    bool (*begin)(const struct timed *timed, bool counts);

    /* Play timed->steps, as timed_play; or, unless cycles is NULL, as
       timed_play_cycles. seconds: gets the time it took, of a processor. */
    bool (*play)(struct timed *timed, uint64_t *cycles, double *seconds);

    /* Carry out what the stage asked memlib for in the last pass, up to the
       operation op, so that the block it gave can be judged. */
    void (*advance)(size_t op);
};

struct measure_options {
    int pairs_min;         /* pairs timed at least; a slow stage gets fewer */
    int pairs_max;         /* pairs timed at most */
    double seconds;        /* of a processor, to spend on a trace, about */
    const struct rig *rig; /* NULL: the stage lies in this process */
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
