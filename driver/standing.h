/*
 * standing.h - where a replay stands when its time is over.
 *
 * Two looks at it, some time apart, tell an endless loop from a slow stage,
 * and a thread that is stuck in the stage from those that wait for it.
 */
#ifndef STANDING_H
#define STANDING_H

#include "result.h"
#include "trace.h"

/* Where it stood at a moment, as in struct result. */
struct standing {
    int pass;
    size_t op;
    size_t lanes[RESULT_LANES];
};

struct standing standing_of(const struct result *result);

/*
 * standing_explain_timeout - explain that the time limit is over.
 *
 * before: how it stood a while ago. seconds: the limit.
 */
void standing_explain_timeout(struct result *result, const struct trace *trace,
                              const struct standing *before, double seconds);

/* Add which threads are in the stage, to what is explained already. */
void standing_explain_threads(struct result *result, const struct trace *trace);

#endif
