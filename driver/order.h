/*
 * order.h - which thread plays which operations, and what each waits for.
 *
 * The operations of a trace are sorted by thread, those of one thread in the
 * order of the file. Where an operation stands then is its place. One on an
 * id waits for the operation before it, in the file, on the same id, when
 * another thread plays that one.
 *
 * Every wait is for an earlier line of the file, so somebody can always go on.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace.h"

/* No place, no thread. */
#define ORDER_NONE UINT32_MAX

enum {
    ORDER_LANES = 64, /* threads at a time, unless the trace needs more */
};

/* The operation at a place. */
struct turn {
    uint32_t op;     /* its index in the trace */
    uint32_t before; /* place of the operation before it on its id */
    uint32_t after;  /* place of the one to wait for, in another thread */
    bool is_awaited; /* an operation of another thread waits for it, not for
                        the end of its thread */
};

/*
 * A thread of the trace. Threads beyond ORDER_LANES take over a lane from one
 * that is done, in the file, before they begin: they start when it has ended,
 * so a trace of many short-lived threads has few of them at a time.
 */
struct strand {
    uint32_t number; /* in the trace's @ lines */
    uint32_t first;  /* its places are those from first on, */
    uint32_t end;    /* and below end */
    uint32_t lane;
    uint32_t next; /* the thread that takes over its lane */
    bool is_heir;  /* it takes over a lane itself */
};

struct order {
    const struct trace *trace;
    struct turn *turns;     /* trace->ops_count, by place */
    struct strand *strands; /* trace->threads, by their first operation */
    size_t lanes;
};

/*
 * order_open - work out the order of trace; memory comes from mmap.
 *
 * by_file: let every operation wait for the one on the line before, so that
 * the threads take turns; the last of a thread is over when the thread has
 * ended.
 *
 * Returns true, after which order_close is due; false with errno.
 */
bool order_open(struct order *order, const struct trace *trace, bool by_file);

void order_close(struct order *order);

#endif
