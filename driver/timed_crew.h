/*
 * timed_crew.h - a trace with threads replayed as fast as possible.
 *
 * The loop of timed.h in each thread of a crew, over the steps of its own
 * operations. What one thread writes lies apart from what others write, or
 * the loop would pay for cache lines that travel: slots, log and steps are in
 * the order of the places (order.h).
 *
 * Which blocks were live at the same time is known afterwards from a clock
 * that all threads read and each moves on now and then. An operation notes it
 * before the call, when a block is taken, and after it, when one is given. As
 * the clock moves seldom, reading it costs no more than a look into the
 * cache, unlike a count that every operation raises.
 *
 * A pass may have several rounds: all threads play the trace again as soon as
 * each has played it. What the trace leaves live is freed in between. The log
 * is that of the last round.
 *
 * Source: Lamport, Time, clocks, and the ordering of events in a distributed
 *         system, CACM 21:7 (1978), for an order that is certain.
 */
#ifndef TIMED_CREW_H
#define TIMED_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "crew.h"
#include "order.h"
#include "stage.h"
#include "timed.h"

/* What became of the operation at a place. */
struct event {
    void *address;  /* that it returned */
    uint32_t taken; /* the clock before the call, */
    uint32_t given; /* and after it */
};

struct timed_crew {
    const struct trace *trace;
    const struct stage *stage; /* of the pass under way */
    struct order order;
    struct crew crew;
    struct timed timed; /* laid the steps out */
    struct step *steps; /* by place */
    struct event *log;  /* by place */
    void **slots;       /* the live blocks; NULL: none */
    size_t slots_count;
    uint32_t *left;      /* places whose block the trace leaves live, */
    uint32_t *left_ends; /* those of the n-th thread before left_ends[n] */
    uint32_t period;  /* operations of a thread until it moves the clock on */
    uint32_t moments; /* how far that moves it in a round */
    uint32_t start;   /* the clock when the last round began */

    const struct step *played; /* in the pass under way: steps, or an echo */

    _Atomic uint32_t wrong; /* a place that found its stamp changed, and one */
    _Atomic uint32_t null;  /* that got NULL; ORDER_NONE: none */
    char apart[64];
    _Atomic uint32_t clock;
};

/*
 * timed_crew_open - lay out steps and threads; all memory comes from mmap.
 *
 * Returns true, after which timed_crew_close is due; false with errno.
 */
bool timed_crew_open(struct timed_crew *timed, const struct trace *trace,
                     struct result *result);

/* Give all back, unless a thread is stuck in the stage. */
void timed_crew_close(struct timed_crew *timed);

/* How many operations of a thread there are between two that move the clock
   on, and how many slots all threads need at most. */
uint32_t timed_crew_period(const struct trace *trace);
size_t timed_crew_slots(const struct trace *trace);

/* A new array of as many steps; NULL with errno. */
struct step *timed_crew_new_steps(const struct timed_crew *timed);

void timed_crew_free_steps(const struct timed_crew *timed, struct step *steps);

/* Make steps the echo of the last pass; see timed.h. */
void timed_crew_make_echo(const struct timed_crew *timed, struct step *steps);

/*
 * timed_crew_play - one pass of so many rounds over steps, those of timed or an
 * echo; *seconds gets the time of a round, of a wall clock.
 *
 * Returns true, also when a stamp was wrong; false when an operation got NULL,
 * which timed->null tells, or, explained, when threads could not be started.
 */
bool timed_crew_play(struct timed_crew *timed, const struct step *steps,
                     const struct stage *stage, uint32_t rounds,
                     double *seconds);

#endif
