/*
 * child.h - replay one trace in a process of its own.
 *
 * Whatever the stage does there - crash, hang, exit, fork, print without end -
 * costs that trace alone and is explained in its result.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "check.h"
#include "options.h"
#include "result.h"
#include "stage.h"
#include "trace.h"

struct job;

/* How a stage is reached that is not loaded into the child. */
struct way {
    /* Get the stage ready, and memlib open. Returns NULL, explained, when that
       fails. */
    const struct stage *(*open)(const struct trace *trace,
                                const struct job *job, struct result *result);

    /* Note what was used beyond memlib's memory, after a checked pass. */
    bool (*audit)(const struct check *check);

    /* Time the stage, as measure_trace does. */
    bool (*measure)(const struct check *check, const struct job *job);
};

struct job {
    const struct options *options;
    const struct way *way; /* NULL: the stage is loaded into the child */
    const char *program;   /* as the user called mdriver */
    const char *stage;     /* shared object; NULL for libc */
    const char *label;     /* the stage's name for people */
    size_t limit;          /* bytes of footprint granted */
};

/*
 * child_limit - bytes granted on a trace unless --limit says otherwise: 20
 * times its peak payload and 64 MiB. A stage that never reuses memory runs
 * out cleanly instead of exhausting the machine.
 */
size_t child_limit(const struct trace *trace);

/* Explain, from the status of wait(2), why a process that held the stage has
 * ended without a word. */
void child_explain_status(struct result *result, const struct trace *trace,
                          int status);

/*
 * child_run - replay trace: check, measure, check again, as the options say.
 *
 * Fills *result; trace changes in the child at most. On SIGINT, SIGTERM or
 * SIGHUP the child is killed, and this process ends by the same signal.
 */
void child_run(struct trace *trace, const struct job *job,
               struct result *result);

#endif
