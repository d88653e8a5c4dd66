/*
 * explain.h - the sentences that tell a user what went wrong, and where.
 *
 *   traces/cc1.rep:118: op 112 (free 7): payload byte 24 is 0x41, expected
 *     0x09;
 *     block 7 (128 bytes, allocated at line 40) ends 8 bytes before block 9
 *     replay: ./mdriver -D -f traces/cc1.rep --until 112
 *
 * Operations are counted from 1, as --until does. Nothing here allocates, so
 * a signal handler may explain, too.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"
#include "result.h"
#include "trace.h"

/*
 * explain - set the verdict and begin the explanation: where, and what.
 *
 * op: index of the operation to blame, RESULT_INIT, or ops_count when only the
 * end of the trace showed it; result->op is set to it. format says what is and
 * what was expected, without a full stop.
 *
 * An explanation that is there already stands: the first cause counts.
 * Returns false, so that a check can end with it.
 */
bool explain(struct result *result, enum verdict verdict,
             const struct trace *trace, size_t op, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * Add one line to the explanation, if it is this thread's. Returns false.
 *
 * Of several threads that find something wrong, the first explains.
 */
bool explain_more(struct result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Add one line on an op: "thread 3 is at op 112 (free 7)", as says says it. */
void explain_op(struct result *result, const struct trace *trace, size_t op,
                const char *says);

/* True when this thread is the one that explains, if anybody does. */
bool explain_is_mine(const struct result *result);

/* From here on this thread explains; due when the child has ended. */
void explain_take_over(struct result *result);

/* "7"; of the copies that -T makes "7 of thread 3". */
struct explain_id {
    char text[40];
};

struct explain_id explain_id(const struct trace *trace, int32_t id);

/*
 * explain_replay - add the command that replays just as far.
 *
 * program: as the user called mdriver; options: what of the command line the
 * replay must repeat; stage: the shared object, NULL for libc.
 */
void explain_replay(struct result *result, const struct trace *trace,
                    const char *program, const struct options *options,
                    const char *stage);

#endif
