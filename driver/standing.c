/* standing.c - where a replay stands when its time is over; see standing.h. */
#include "standing.h"

#include <stdatomic.h>

#include "explain.h"

struct standing standing_of(const struct result *result)
{
    struct standing standing = {.pass = result->pass, .op = result->op};

    for (size_t i = 0; i < RESULT_LANES; i++)
        standing.lanes[i] = atomic_load(&result->lanes[i].at);
    return standing;
}

/* The thread of lane i is inside the stage, and was at the same op before. */
static bool is_inside(const struct standing *now, const struct standing *before,
                      size_t i)
{
    return (now->lanes[i] & (LANE_WAITS | LANE_ENDS)) == 0 &&
           now->lanes[i] == before->lanes[i];
}

/* The first lane whose thread was about to end before, and still is; or
   RESULT_LANES. */
static size_t find_ending(const struct standing *now,
                          const struct standing *before)
{
    size_t lane = 0;

    while (lane < RESULT_LANES &&
           (now->lanes[lane] == LANE_IDLE || !(now->lanes[lane] & LANE_ENDS) ||
            now->lanes[lane] != before->lanes[lane]))
        lane++;
    return lane;
}

/* The first lane from `from` on whose thread is_inside, or RESULT_LANES. */
static size_t find_inside(const struct standing *now,
                          const struct standing *before, size_t from)
{
    while (from < RESULT_LANES && !is_inside(now, before, from))
        from++;
    return from;
}

/* Name threads that are inside the stage from a lane on, but not a crowd. */
static void explain_others(struct result *result, const struct trace *trace,
                           const struct standing *now,
                           const struct standing *before, size_t lane)
{
    enum { MOST = 4 };

    lane = find_inside(now, before, lane);
    for (int named = 0; named < MOST && lane < RESULT_LANES; named++) {
        explain_op(result, trace, now->lanes[lane],
                   "in the stage at that time:");
        lane = find_inside(now, before, lane + 1);
    }
}

static void explain_slow(struct result *result, const struct trace *trace,
                         size_t op, double seconds)
{
    explain(result, VERDICT_TIMEOUT, trace, op,
            "here after %g s, the time limit: too slow; -s grants more",
            seconds);
}

/* With threads: name the one that is in the stage, and has been for long. */
static void explain_stuck(struct result *result, const struct trace *trace,
                          const struct standing *now,
                          const struct standing *before, double seconds)
{
    bool same_pass = now->pass == before->pass;
    size_t inside = find_inside(now, before, 0);
    size_t ending = find_ending(now, before);

    if (same_pass && inside < RESULT_LANES)
        explain(result, VERDICT_TIMEOUT, trace, now->lanes[inside],
                "no end of it, the time limit of %g s is over: an endless "
                "loop, or a lock that nobody gives back?",
                seconds);
    else if (same_pass && ending < RESULT_LANES)
        explain(result, VERDICT_TIMEOUT, trace, now->lanes[ending] & ~LANE_ENDS,
                "this was the thread's last op, but no end of the thread, the "
                "time limit of %g s is over: what the stage does at its end",
                seconds);
    else
        explain_slow(result, trace, now->op, seconds);
    explain_others(result, trace, now, before, inside + 1);
}

void standing_explain_timeout(struct result *result, const struct trace *trace,
                              const struct standing *before, double seconds)
{
    struct standing now = standing_of(result);

    if (now.op == RESULT_THREADS)
        explain_stuck(result, trace, &now, before, seconds);
    else if (now.op == before->op && now.pass == before->pass)
        explain(result, VERDICT_TIMEOUT, trace, now.op,
                "no end of it, the time limit of %g s is over: an endless "
                "loop?",
                seconds);
    else
        explain_slow(result, trace, now.op, seconds);
}

void standing_explain_threads(struct result *result, const struct trace *trace)
{
    struct standing now = standing_of(result);

    explain_others(result, trace, &now, &now, 0);
}
