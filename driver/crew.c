/*
 * crew.c - real threads that play a trace; see crew.h.
 *
 * Source: Drepper, Futexes Are Tricky (2011), for waiting: to look a few times,
 *         as the other may be about to finish, and then to sleep. Between two
 *         looks a thread yields, as the other may wait for its processor; to
 *         spin there instead, with more threads than processors, takes the time
 *         of those who could go on.
 */
#define _GNU_SOURCE /* strerrordesc_np */
#include "crew.h"

#include <errno.h>
#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "explain.h"
#include "pages.h"

enum {
    YIELDS = 20,               /* before a thread sleeps */
    HANDLER_STACK = 256 << 10, /* bytes */
};

static const double STUCK_SECONDS = 1.0; /* for others to stop */
static const long SLEEP_NS = 50000000;   /* between looks at what changes */

struct crew_lane {
    struct crew *crew;
    uint32_t strand;       /* that holds it */
    pthread_t thread;      /* likewise; to be joined ... */
    bool is_open;          /* if so */
    _Atomic bool has_left; /* it has nothing more to play */
    struct worker worker;
    double begin; /* when its first thread began, in seconds */
    double end;   /* when its last thread had played its last op */
    void *stack;  /* for the handlers of signals */
};

/* Of the calling thread; NULL when it is none of a crew's. */
static _Thread_local struct worker *current;

size_t crew_op(size_t instead)
{
    if (!current)
        return instead;
    return atomic_load(current->at) & ~(LANE_WAITS | LANE_ENDS);
}

bool crew_is_ending(void)
{
    return current && (atomic_load(current->at) & LANE_ENDS) != 0;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* --- Waiting ----------------------------------------------------------- */

/* Sleep while *word is value, but not for long. */
static void sleep_while(_Atomic uint32_t *word, uint32_t value)
{
    struct timespec most = {0, SLEEP_NS};

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &most, NULL, 0);
}

static void wake_all(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static bool is_done(struct worker *worker, uint32_t place)
{
    return atomic_load_explicit(&worker->crew->done[place],
                                memory_order_acquire) ==
           CREW_DONE(worker->round);
}

static bool is_stopped(const struct crew *crew)
{
    return atomic_load_explicit(&crew->stopped, memory_order_relaxed);
}

/* Sleep until place is done or the crew is stopped. */
static void sleep_for(struct worker *worker, uint32_t place)
{
    _Atomic uint32_t *done = &worker->crew->done[place];

    while (!is_stopped(worker->crew)) {
        uint32_t found = CREW_NOT_DONE(worker->round);
        uint32_t slept_for = CREW_SLEPT_FOR(worker->round);

        atomic_compare_exchange_strong(done, &found, slept_for);
        if (found == CREW_DONE(worker->round))
            return;
        sleep_while(done, slept_for);
    }
}

bool worker_wait(struct worker *worker, const struct turn *turn)
{
    atomic_store_explicit(worker->at, turn->op | LANE_WAITS,
                          memory_order_relaxed);
    for (int i = 0; i < YIELDS && !is_done(worker, turn->after); i++)
        sched_yield();
    if (!is_done(worker, turn->after))
        sleep_for(worker, turn->after);
    atomic_store_explicit(worker->at, turn->op, memory_order_relaxed);
    return !is_stopped(worker->crew);
}

void worker_wake(struct worker *worker, uint32_t place)
{
    wake_all(&worker->crew->done[place]);
}

/* --- A thread ---------------------------------------------------------- */

static void crew_stop(struct crew *crew)
{
    atomic_store(&crew->stopped, true);
}

/* Wait until all are over with the round. False when one has stopped. */
static bool meet_others(struct crew *crew, uint32_t round)
{
    if (atomic_fetch_add(&crew->met, 1) + 1 == crew->order->lanes) {
        atomic_store(&crew->met, 0);
        atomic_store(&crew->round, round + 1);
        wake_all(&crew->round);
    }
    while (atomic_load(&crew->round) == round && !is_stopped(crew))
        sleep_while(&crew->round, round);
    return !is_stopped(crew);
}

/* Play all rounds. False when something is wrong. */
static bool play_rounds(struct worker *worker)
{
    struct crew *crew = worker->crew;

    while (crew->play(worker, crew->arg)) {
        if (worker->round + 1 == crew->rounds ||
            !meet_others(crew, worker->round))
            return true;
        worker->round++;
    }
    return false;
}

/* Play the ops of the strand that holds the lane. Afterwards the thread still
   has a place, as the stage may see to its end; but the stack for signals that
   it was born with, as AddressSanitizer unmaps what it finds there. */
static void play_strand(struct crew_lane *lane)
{
    struct crew *crew = lane->crew;
    const struct strand *strand = &crew->order->strands[lane->strand];
    stack_t stack = {.ss_sp = lane->stack, .ss_size = HANDLER_STACK};
    stack_t before;

    lane->worker = (struct worker){
        .crew = crew,
        .strand = strand,
        .at = &crew->result->lanes[strand->lane % RESULT_LANES].at,
    };
    sigaltstack(&stack, &before);
    current = &lane->worker;
    if (!play_rounds(&lane->worker))
        crew_stop(crew);
    lane->end = now();
    sigaltstack(&before, NULL);
    atomic_store(current->at,
                 crew->order->turns[strand->end - 1].op | LANE_ENDS);
}

/* Only the first thread of a lane finds the gate shut. */
static void await_begin(struct crew_lane *lane)
{
    struct crew *crew = lane->crew;

    atomic_fetch_add(&crew->ready, 1);
    wake_all(&crew->ready);
    while (atomic_load(&crew->gate) == 0)
        sleep_while(&crew->gate, 0);
    if (!crew->order->strands[lane->strand].is_heir)
        lane->begin = now();
}

static void *strand_main(void *arg)
{
    struct crew_lane *lane = arg;
    struct crew *crew = lane->crew;

    await_begin(lane);
    if (!is_stopped(crew))
        play_strand(lane);
    if (crew->at_end &&
        atomic_fetch_add(&crew->over, 1) + 1 == crew->order->trace->threads)
        crew->at_end();
    atomic_store(&lane->has_left, true);
    atomic_fetch_add(&crew->left, 1);
    wake_all(&crew->left);
    return NULL;
}

/* Start the thread that holds the lane. */
static bool start_thread(struct crew_lane *lane)
{
    struct crew *crew = lane->crew;

    atomic_store(&lane->has_left, false);
    int error = pthread_create(&lane->thread, NULL, strand_main, lane);
    lane->is_open = error == 0;
    if (error == 0)
        return true;
    crew_stop(crew);
    return explain(crew->result, VERDICT_BROKEN, crew->order->trace,
                   RESULT_THREADS, "thread %u cannot be started: %s",
                   crew->order->strands[lane->strand].number,
                   strerrordesc_np(error));
}

/* --- The crew ---------------------------------------------------------- */

static size_t done_bytes(const struct crew *crew)
{
    return crew->order->trace->ops_count * sizeof *crew->done;
}

static size_t lanes_bytes(const struct crew *crew)
{
    return crew->order->lanes * sizeof *crew->lanes;
}

static bool open_lanes(struct crew *crew)
{
    for (size_t i = 0; i < crew->order->lanes; i++) {
        crew->lanes[i].crew = crew;
        crew->lanes[i].stack = pages_get(HANDLER_STACK);
        if (!crew->lanes[i].stack)
            return false;
    }
    return true;
}

bool crew_open(struct crew *crew, const struct order *order,
               struct result *result)
{
    *crew = (struct crew){.order = order, .result = result};
    crew->done = pages_get(done_bytes(crew));
    crew->lanes = pages_get(lanes_bytes(crew));
    if (crew->done && crew->lanes && open_lanes(crew))
        return true;
    crew_close(crew);
    return false;
}

void crew_close(struct crew *crew)
{
    if (crew->stuck)
        return;
    for (size_t i = 0; crew->lanes && i < crew->order->lanes; i++)
        pages_give(crew->lanes[i].stack, HANDLER_STACK);
    pages_give(crew->done, done_bytes(crew));
    pages_give(crew->lanes, lanes_bytes(crew));
}

/* Start the first thread of each lane; returns how many there are. */
static size_t start_lanes(struct crew *crew)
{
    size_t started = 0;

    for (size_t i = 0; i < crew->order->trace->threads; i++) {
        const struct strand *strand = &crew->order->strands[i];
        struct crew_lane *lane = &crew->lanes[strand->lane];

        if (strand->is_heir)
            continue;
        lane->strand = (uint32_t)i;
        if (!start_thread(lane))
            break;
        started++;
    }
    return started;
}

/* Wait for the end of the lane's thread, but not for long: it may be in the
   hands of another one that is yet to end. ThreadSanitizer knows nothing of
   pthread_clockjoin_np. */
static bool join_thread(struct crew_lane *lane)
{
    struct timespec most;

    clock_gettime(CLOCK_REALTIME, &most);
    most.tv_nsec += SLEEP_NS;
    most.tv_sec += most.tv_nsec / 1000000000;
    most.tv_nsec %= 1000000000;
    lane->is_open = pthread_timedjoin_np(lane->thread, NULL, &most) != 0;
    return !lane->is_open;
}

/* The lane's thread is gone, and so its last op over, should another wait for
   that; the next thread takes over the lane. */
static void pass_lane(struct crew_lane *lane)
{
    struct crew *crew = lane->crew;
    const struct strand *strand = &crew->order->strands[lane->strand];
    uint32_t last = strand->end - 1;
    uint32_t round = crew->rounds - 1;

    atomic_store(&crew->result->lanes[strand->lane % RESULT_LANES].at,
                 LANE_IDLE);
    if (is_stopped(crew))
        return;
    if (atomic_exchange(&crew->done[last], CREW_DONE(round)) ==
        CREW_SLEPT_FOR(round))
        wake_all(&crew->done[last]);
    if (strand->next != ORDER_NONE) {
        lane->strand = strand->next;
        start_thread(lane);
    }
}

/* Join the threads that have left. Returns how many are open after that. */
static size_t join_lanes(struct crew *crew)
{
    size_t open = 0;

    for (size_t i = 0; i < crew->order->lanes; i++) {
        struct crew_lane *lane = &crew->lanes[i];

        if (lane->is_open && atomic_load(&lane->has_left) && join_thread(lane))
            pass_lane(lane);
        open += lane->is_open;
    }
    return open;
}

/* Until all threads have ended; false when one is stuck. */
static bool await_lanes(struct crew *crew)
{
    double since = 0.0;
    uint32_t left = atomic_load(&crew->left);

    while (join_lanes(crew) > 0) {
        if (is_stopped(crew) && since == 0.0)
            since = now();
        if (since > 0.0 && now() - since > STUCK_SECONDS)
            return false;
        sleep_while(&crew->left, left);
        left = atomic_load(&crew->left);
    }
    return true;
}

static double lanes_seconds(const struct crew *crew)
{
    double begin = INFINITY;
    double end = 0.0;

    for (size_t i = 0; i < crew->order->lanes; i++) {
        begin = fmin(begin, crew->lanes[i].begin);
        end = fmax(end, crew->lanes[i].end);
    }
    return end - begin;
}

static void reset(struct crew *crew)
{
    memset((void *)crew->done, 0, done_bytes(crew));
    atomic_store(&crew->round, 0);
    atomic_store(&crew->met, 0);
    atomic_store(&crew->ready, 0);
    atomic_store(&crew->gate, 0);
    atomic_store(&crew->left, 0);
    atomic_store(&crew->over, 0);
    for (size_t i = 0; i < RESULT_LANES; i++)
        atomic_store(&crew->result->lanes[i].at, LANE_IDLE);
    crew->result->op = RESULT_THREADS;
}

bool crew_has_rounds(const struct crew *crew)
{
    return crew->order->lanes == crew->order->trace->threads;
}

bool crew_run(struct crew *crew, crew_play *play, void *arg, uint32_t rounds,
              double *seconds)
{
    reset(crew);
    crew->play = play;
    crew->arg = arg;
    crew->rounds = rounds;

    size_t started = start_lanes(crew);
    uint32_t ready;
    while ((ready = atomic_load(&crew->ready)) < started)
        sleep_while(&crew->ready, ready);
    if (crew->at_gate)
        crew->at_gate();
    atomic_store(&crew->gate, 1);
    wake_all(&crew->gate);

    crew->stuck = !await_lanes(crew);
    if (seconds && !crew->stuck)
        *seconds = lanes_seconds(crew);
    return !is_stopped(crew);
}
