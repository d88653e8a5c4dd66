/*
 * sample.h - one measurement, taken in a process of its own.
 *
 * A fresh process a sample: a stage's heap begins empty, a crash costs one
 * figure, and what differs from process to process (where memory lies, say)
 * is in the spread.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "stage.h"

/* Which of the live blocks are replaced; see live.h. */
enum live_way { LIVE_ANY, LIVE_HOT, LIVE_WAYS };

/* What a sample finds; in memory that parent and child share. */
struct sample {
    double ns[LIVE_WAYS];      /* a pair, the loop included */
    double loop_ns[LIVE_WAYS]; /* a pair of the loop alone */
    double ops;                /* a second, all threads together */
    bool is_locked;            /* the stage needed a lock around it */
    char error[256];           /* why there is no figure */
};

enum sample_end {
    SAMPLE_DONE,
    SAMPLE_SLOW,   /* took longer than allowed */
    SAMPLE_FAILED, /* see error */
};

/*
 * What measures; job is its own. It fills *sample, or calls sample_fail.
 */
typedef void sample_work(const struct stage *stage, const void *job,
                         struct sample *sample);

/* End this sample's process with a reason. */
_Noreturn void sample_fail(struct sample *sample, const char *why);

/*
 * sample_take - load the stage at path (NULL: libc's malloc) in a new process
 * and let work measure it, for so many seconds of a processor at most.
 *
 * Returns how it ended; *sample has the figures when SAMPLE_DONE.
 */
enum sample_end sample_take(const char *path, sample_work *work,
                            const void *job, unsigned seconds,
                            struct sample *sample);

#endif
