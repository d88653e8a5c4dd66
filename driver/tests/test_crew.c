/* test_crew.c - real threads that play a trace, in an order that is sure. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../crew.h"

enum {
    HANDOVERS = 1000,
    THREADS = 10000, /* short-lived ones */
};

static struct trace_op ops[2 * THREADS];
static struct trace trace = {.path = "x.rep", .name = "x", .ops = ops};
static struct order order;
static struct crew crew;
static struct result result;

static void open_crew(size_t count, size_t threads, bool by_file)
{
    trace.ops_count = count;
    trace.threads = threads;
    trace.ids = count;
    cr_assert(order_open(&order, &trace, by_file));
    cr_assert(crew_open(&crew, &order, &result));
}

static void close_crew(void)
{
    crew_close(&crew);
    order_close(&order);
}

/* Op i gives id i in thread 0, op HANDOVERS + i frees it in thread 1. */
static void fill_handovers(void)
{
    for (int32_t i = 0; i < HANDOVERS; i++) {
        ops[i] = (struct trace_op){.kind = TRACE_MALLOC, .id = i, .size = 8};
        ops[HANDOVERS + i] =
            (struct trace_op){.kind = TRACE_FREE, .thread = 1, .id = i};
    }
}

/* --- Order ------------------------------------------------------------- */

static int handed[HANDOVERS]; /* not atomic: the crew orders it */
static int early;

static bool play_handover(struct worker *worker, void *arg)
{
    const struct strand *strand = worker->strand;

    for (uint32_t place = strand->first; place < strand->end; place++) {
        const struct turn *turn = &order.turns[place];
        const struct trace_op *op = &trace.ops[turn->op];

        if (!worker_begin(worker, turn))
            return true;
        if (op->kind == TRACE_FREE)
            early += handed[op->id] != *(int *)arg;
        else if (op->id % 64 == 0) /* now the other sleeps, now it is close */
            usleep(op->id % 128 == 0 ? 1000 : 0);
        if (op->kind == TRACE_MALLOC)
            handed[op->id] = *(int *)arg;
        worker_done(worker, place, turn);
    }
    return true;
}

Test(crew, what_one_thread_gives_another_takes_only_then)
{
    fill_handovers();
    open_crew((size_t)2 * HANDOVERS, 2, false);
    for (int round = 1; round <= 5; round++) {
        double seconds = -1.0;

        cr_assert(crew_run(&crew, play_handover, &round, 1, &seconds));
        cr_assert_geq(seconds, 0.0);
        cr_assert_eq(early, 0, "%d blocks were taken too early", early);
    }
    close_crew();
}

/* Threads that are through with a round, when one begins it or the next. */
static _Atomic int through[5];
static _Atomic int ahead;

static bool play_rounds(struct worker *worker, void *arg)
{
    int round = (int)worker->round;

    if (round > 0)
        ahead += through[round - 1] != 2;
    play_handover(worker, &round);
    (void)arg;
    through[round]++;
    return true;
}

Test(crew, a_round_begins_when_all_are_over_with_the_one_before)
{
    double seconds;

    fill_handovers();
    open_crew((size_t)2 * HANDOVERS, 2, false);
    cr_assert(crew_has_rounds(&crew));
    cr_assert(crew_run(&crew, play_rounds, NULL, 5, &seconds));
    cr_assert_eq(through[4], 2, "not all have played five rounds");
    cr_assert_eq(ahead, 0, "somebody was ahead %d times", ahead);
    cr_assert_eq(early, 0, "%d blocks were taken too early", early);
    close_crew();
}

static bool play_until_wrong_round(struct worker *worker, void *arg)
{
    *(_Atomic int *)arg += worker->round >= 2;
    return worker->round < 1 || worker->strand->number != 0;
}

Test(crew, when_one_is_wrong_in_a_round_there_is_no_next)
{
    _Atomic int beyond = 0;

    fill_handovers();
    open_crew((size_t)2 * HANDOVERS, 2, false);
    cr_assert_not(
        crew_run(&crew, play_until_wrong_round, (void *)&beyond, 5, NULL));
    cr_assert_eq(beyond, 0);
    close_crew();
}

static uint32_t next_op;

static bool play_by_file(struct worker *worker, void *arg)
{
    const struct strand *strand = worker->strand;

    for (uint32_t place = strand->first; place < strand->end; place++) {
        const struct turn *turn = &order.turns[place];

        if (!worker_begin(worker, turn))
            return true;
        *(int *)arg += turn->op != next_op++;
        worker_done(worker, place, turn);
    }
    return true;
}

Test(crew, by_file_threads_take_turns)
{
    int out_of_turn = 0;

    for (int32_t i = 0; i < HANDOVERS; i++)
        ops[i] = (struct trace_op){
            .kind = TRACE_MALLOC, .thread = (uint16_t)(i * 7 % 5), .id = i};
    open_crew(HANDOVERS, 5, true);
    cr_assert(crew_run(&crew, play_by_file, &out_of_turn, 1, NULL));
    cr_assert_eq(out_of_turn, 0);
    cr_assert_eq(next_op, HANDOVERS);
    close_crew();
}

/* --- Many threads ------------------------------------------------------ */

static _Atomic int alive;
static _Atomic int most_alive;
static _Atomic int played;
static pthread_key_t at_end;

static void note_end(void *unused)
{
    (void)unused;
    usleep(200); /* an heir that did not wait would be seen alive beside it */
    atomic_fetch_sub(&alive, 1);
}

static bool play_briefly(struct worker *worker, void *arg)
{
    int now = atomic_fetch_add(&alive, 1) + 1;
    int most = atomic_load(&most_alive);

    (void)arg;
    while (now > most && !atomic_compare_exchange_weak(&most_alive, &most, now))
        continue;
    pthread_setspecific(at_end, worker);
    atomic_fetch_add(&played,
                     (int)(worker->strand->end - worker->strand->first));
    return true;
}

Test(crew, of_10000_short_lived_threads_few_live_at_a_time)
{
    pthread_key_create(&at_end, note_end);
    for (uint16_t i = 0; i < THREADS; i++)
        ops[i] = (struct trace_op){.thread = i, .id = i};
    open_crew(THREADS, THREADS, false);
    cr_assert(crew_run(&crew, play_briefly, NULL, 1, NULL));
    cr_assert_eq(played, THREADS);
    cr_assert_leq(most_alive, ORDER_LANES);
    cr_assert_eq(alive, 0, "%d threads live on after the run", alive);
    close_crew();
}

/* Each thread has one op: when it comes, all threads before must be gone. */
static bool play_last(struct worker *worker, void *arg)
{
    uint32_t place = worker->strand->first;
    const struct turn *turn = &order.turns[place];

    if (!worker_begin(worker, turn))
        return true;
    *(int *)arg += atomic_fetch_add(&alive, 1) > 0;
    pthread_setspecific(at_end, worker);
    worker_done(worker, place, turn);
    return true;
}

Test(crew, by_file_the_last_op_of_a_thread_is_over_when_the_thread_is)
{
    int too_early = 0;

    pthread_key_create(&at_end, note_end);
    for (uint16_t i = 0; i < HANDOVERS; i++)
        ops[i] = (struct trace_op){.thread = i, .id = i};
    open_crew(HANDOVERS, HANDOVERS, true);
    cr_assert(crew_run(&crew, play_last, &too_early, 1, NULL));
    cr_assert_eq(too_early, 0, "%d came before a thread had ended", too_early);
    close_crew();
}

/* --- When something is wrong ------------------------------------------- */

static bool play_until_wrong(struct worker *worker, void *arg)
{
    const struct turn *turn = &order.turns[worker->strand->first];
    bool fails = worker->strand->number == 0;

    (void)arg;
    if (fails)
        return false;
    return worker_begin(worker, turn); /* waits for what never comes */
}

Test(crew, one_that_fails_stops_those_that_wait_for_it, .timeout = 20)
{
    fill_handovers();
    open_crew((size_t)2 * HANDOVERS, 2, false);
    cr_assert_not(crew_run(&crew, play_until_wrong, NULL, 1, NULL));
    cr_assert_not(crew.stuck);
    close_crew();
}

static bool play_and_stay(struct worker *worker, void *arg)
{
    static _Atomic bool stays;

    (void)arg;
    while (worker->strand->number == 1) {
        atomic_store(&stays, true);
        pause();
    }
    while (!atomic_load(&stays))
        usleep(100);
    return false;
}

Test(crew, one_that_never_comes_back_is_left_behind, .timeout = 20)
{
    fill_handovers();
    open_crew((size_t)2 * HANDOVERS, 2, false);
    cr_assert_not(crew_run(&crew, play_and_stay, NULL, 1, NULL));
    cr_assert(crew.stuck);
    cr_assert_eq(atomic_load(&result.lanes[2].at), LANE_IDLE);
    close_crew(); /* gives nothing back that the thread may yet look at */
}

Test(crew, outside_of_a_crew_there_is_no_op)
{
    cr_assert_eq(crew_op(42), 42);
    cr_assert_not(crew_is_ending());
}
