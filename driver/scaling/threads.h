/*
 * threads.h - how many calls a second so many threads make together.
 *
 * Two ways to work, both in pairs of malloc and free, on sizes that random.h
 * draws, with 8 bytes written to each block:
 *
 *   own     each thread has 1000 live blocks of its own, and replaces one at
 *           random, again and again
 *   handed  each thread allocates blocks and hands them to the next thread,
 *           which frees them; up to 4096 are on the way
 *
 * A stage that is not thread-safe gets a lock around its functions. The loop
 * and the hand-over are not subtracted; they are the same for all.
 */
#ifndef THREADS_H
#define THREADS_H

#include <stddef.h>
#include <stdint.h>

#include "sample.h"

enum threads_way { WAY_OWN, WAY_HANDED, WAYS };

enum { THREADS_MAX = 8 };

struct threads_job {
    enum threads_way way;
    size_t threads; /* 1 to THREADS_MAX */
    double seconds; /* of work */
    uint64_t seed;
};

/* "own" or "handed" */
const char *threads_way_name(enum threads_way way);

/* threads_time - sets sample->ops and sample->is_locked. */
sample_work threads_time;

#endif
