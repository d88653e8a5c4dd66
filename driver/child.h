/*
 * child.h - replay one trace in a process of its own.
 *
 * Whatever the stage does there - crash, hang, exit, fork, print without end -
 * costs that trace alone and is explained in its result.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stddef.h>

#include "options.h"
#include "result.h"
#include "trace.h"

struct job {
    const struct options *options;
    const char *program; /* as the user called mdriver */
    const char *stage;   /* shared object; NULL for libc */
    const char *label;   /* the stage's name for people */
    size_t limit;        /* bytes of footprint granted */
};

/*
 * child_limit - bytes granted on a trace unless --limit says otherwise: 20
 * times its peak payload and 64 MiB. A stage that never reuses memory runs
 * out cleanly instead of exhausting the machine.
 */
size_t child_limit(const struct trace *trace);

/*
 * child_run - replay trace: check, measure, check again, as the options say.
 *
 * Fills *result; trace changes in the child at most. On SIGINT, SIGTERM or
 * SIGHUP the child is killed, and this process ends by the same signal.
 */
void child_run(struct trace *trace, const struct job *job,
               struct result *result);

#endif
