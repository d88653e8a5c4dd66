/*
 * convert.h - make the operations of a trace from a log of events.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"

/* One line of a .rep file, its first letter being the kind. */
struct record_op {
    char kind;       /* 'a', 'c', 'm', 'r' or 'f' */
    uint32_t thread; /* from 0 in the order of appearance */
    uint32_t id;
    uint64_t size;
    uint64_t extra; /* 'c': count; 'm': alignment, a power of two */
};

/* The part of the run that becomes the trace. */
struct record_window {
    uint64_t skip;  /* operations left out at the start */
    size_t ops_max; /* operations taken after those */
};

struct recording {
    struct record_op *ops;
    size_t ops_count;
    size_t ids;
    size_t threads;
    uint64_t peak_payload; /* bytes asked for and live, at most */

    /* Of the whole run. valgrind counts the first three the same way. */
    uint64_t allocs; /* a realloc is one */
    uint64_t frees;  /* a realloc is one */
    uint64_t bytes;  /* asked for in all */
    uint64_t operations;

    /* Events that did not become an operation as they were. */
    uint64_t failed;  /* calls that got no memory: left out */
    uint64_t foreign; /* frees of a block from before: left out */
    uint64_t adopted; /* reallocs of a block from before: an 'a' */
    uint64_t unseen;  /* an address came twice: an 'f' put between */
    uint64_t missing; /* numbered but not written: left out */
};

/*
 * recording_make - convert events, in their order.
 *
 * threads: every event's thread is below it.
 *
 * Returns true, with *recording to be given to recording_free; false with
 * errno when memory runs out (ENOMEM) or an event makes no sense (EINVAL).
 */
bool recording_make(const struct log_event *events, size_t events_count,
                    size_t threads, const struct record_window *window,
                    struct recording *recording);

void recording_free(struct recording *recording);

#endif
