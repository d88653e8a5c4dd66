/*
 * crew.h - real threads that play a trace, each its own operations.
 *
 * A crew has a thread for each of the trace's (order.h). All are there before
 * the first plays, but for those that take over a lane, and all have ended
 * when crew_run returns: a stage has then got back what it keeps by thread.
 *
 * Where each thread stands is told in result->lanes, for the explanation of a
 * crash or a hang. All memory comes from mmap, as libc's malloc is under
 * measurement in the same process; what pthread_create takes does not.
 */
#ifndef CREW_H
#define CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "order.h"
#include "result.h"

struct crew;

/* One thread while it plays. */
struct worker {
    struct crew *crew;
    const struct strand *strand;
    _Atomic size_t *at; /* where it stands, see struct lane */
    uint32_t round;     /* that it plays, from 0 on */
};

/*
 * What a thread does in a round: play the operations of its strand, for each
 *
 *     worker_begin, call the stage, worker_done.
 *
 * arg: as given to crew_run. Returns false when something is wrong; all others
 * then stop before their next operation.
 */
typedef bool crew_play(struct worker *worker, void *arg);

/* A lane, which one thread after another holds. */
struct crew_lane;

struct crew {
    const struct order *order;
    struct result *result;
    _Atomic uint32_t *done;  /* by place; see CREW_DONE */
    struct crew_lane *lanes; /* order->lanes */
    crew_play *play;
    void *arg;
    void (*at_gate)(void);  /* called when all are there, and by the thread */
    void (*at_end)(void);   /* that has played the last op of all; or NULL */
    uint32_t rounds;        /* that all play */
    _Atomic uint32_t round; /* the one under way */
    _Atomic uint32_t met;   /* threads that are over with it */
    _Atomic uint32_t ready; /* threads that have come to the gate */
    _Atomic uint32_t gate;  /* 1: they may begin */
    _Atomic uint32_t over;  /* threads that have played, for at_end */
    _Atomic uint32_t left;  /* threads that have nothing more to play */
    _Atomic bool stopped;   /* something is wrong */
    bool stuck;             /* a thread never came back from the stage */
};

/* What a place is, counting rounds from 0: not done yet in this round; that,
   and somebody sleeps until it is; done, which is not done in the next. */
#define CREW_NOT_DONE(round) (2 * (round))
#define CREW_SLEPT_FOR(round) (2 * (round) + 1)
#define CREW_DONE(round) (2 * (round) + 2)

/* Make a crew; returns true, after which crew_close is due; false with errno.
 */
bool crew_open(struct crew *crew, const struct order *order,
               struct result *result);

/* Give all back; not that of a crew that is stuck, as its threads go on. */
void crew_close(struct crew *crew);

/*
 * crew_run - let all threads play, from the first operation to the last.
 *
 * rounds: how many times in a row they do; between two rounds each waits for
 * all others. More than one only where crew_has_rounds says so.
 * seconds: gets the time from the begin of the first thread to the last
 * operation of the last; NULL: not needed.
 *
 * Returns true; false when a thread said so, or, explained, could not be
 * started. One that does not come back from the stage within a second then is
 * left behind: the crew is stuck.
 */
bool crew_run(struct crew *crew, crew_play *play, void *arg, uint32_t rounds,
              double *seconds);

/* True when all threads are there at once, and so can play in rounds. */
bool crew_has_rounds(const struct crew *crew);

/* The op that the calling thread plays, or instead when it is none of a crew's;
 * a signal handler may ask. */
size_t crew_op(size_t instead);

/* True when the calling thread of a crew has played all and ends; likewise. */
bool crew_is_ending(void);

/* The slow way of worker_begin: wait until the turn's time has come. */
bool worker_wait(struct worker *worker, const struct turn *turn);

/* Wake who sleeps until place is done. */
void worker_wake(struct worker *worker, uint32_t place);

/*
 * worker_begin - say that the turn is under way, when its time has come.
 *
 * Returns false when the thread must stop, for what another one explained.
 */
static inline bool worker_begin(struct worker *worker, const struct turn *turn)
{
    struct crew *crew = worker->crew;

    atomic_store_explicit(worker->at, turn->op, memory_order_relaxed);
    if (turn->after != ORDER_NONE &&
        atomic_load_explicit(&crew->done[turn->after], memory_order_acquire) !=
            CREW_DONE(worker->round))
        return worker_wait(worker, turn);
    return !atomic_load_explicit(&crew->stopped, memory_order_relaxed);
}

/* Say that the turn at place is over. */
static inline void worker_done(struct worker *worker, uint32_t place,
                               const struct turn *turn)
{
    if (turn->is_awaited && atomic_exchange_explicit(&worker->crew->done[place],
                                                     CREW_DONE(worker->round),
                                                     memory_order_acq_rel) !=
                                CREW_NOT_DONE(worker->round))
        worker_wake(worker, place);
}

#endif
