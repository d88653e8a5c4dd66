/* timed_crew.c - a trace with threads replayed fast; see timed_crew.h. */
#include "timed_crew.h"

#include <string.h>

#include "pages.h"
#include "timed_call.h"

enum {
    PERIOD_MOST = 64,
    MOMENTS = 1024, /* of a thread at least, if it has as many */
    LINE_SLOTS = 64 / sizeof(void *), /* slots of a cache line */
};

/* --- Memory ------------------------------------------------------------ */

static size_t log_bytes(const struct timed_crew *timed)
{
    return timed->trace->ops_count * sizeof *timed->log;
}

/* Each thread has its ids, one for free(NULL), and what fills a line. */
size_t timed_crew_slots(const struct trace *trace)
{
    return trace->ids + trace->threads * (1 + LINE_SLOTS);
}

static size_t slots_bytes(const struct timed_crew *timed)
{
    return timed_crew_slots(timed->trace) * sizeof *timed->slots;
}

static size_t left_bytes(const struct timed_crew *timed)
{
    return timed->trace->ops_count * sizeof *timed->left;
}

static size_t left_ends_bytes(const struct timed_crew *timed)
{
    return timed->trace->threads * sizeof *timed->left_ends;
}

static size_t map_bytes(const struct timed_crew *timed)
{
    return (timed->trace->ids + 1) * sizeof(int32_t);
}

/* --- Laying out -------------------------------------------------------- */

/* Copy the steps of a thread, with slots of its own for the ids that are new;
   slot_of: the slot that an id has got, -1: none. */
static void lay_out_strand(struct timed_crew *timed,
                           const struct strand *strand, int32_t *slot_of)
{
    int32_t next = (int32_t)timed->slots_count;
    int32_t *null_slot = &slot_of[timed->trace->ids];

    *null_slot = next++;
    for (uint32_t place = strand->first; place < strand->end; place++) {
        struct step *step = &timed->steps[place];

        *step = timed->timed.steps[timed->order.turns[place].op];
        if (slot_of[step->slot] < 0)
            slot_of[step->slot] = next++;
        step->slot = slot_of[step->slot];
    }
    timed->slots_count =
        ((size_t)next + LINE_SLOTS - 1) / LINE_SLOTS * LINE_SLOTS;
}

uint32_t timed_crew_period(const struct trace *trace)
{
    size_t period = trace->ops_count / trace->threads / MOMENTS;

    if (period > PERIOD_MOST)
        return PERIOD_MOST;
    return period > 0 ? (uint32_t)period : 1;
}

/* Find the places whose block no operation frees or moves. */
static void find_left(struct timed_crew *timed)
{
    const struct order *order = &timed->order;
    uint32_t count = 0;

    /* At first left says of each place whether another follows on its id. */
    for (size_t i = 0; i < timed->trace->ops_count; i++) {
        if (order->turns[i].before != ORDER_NONE)
            timed->left[order->turns[i].before] = 1;
    }
    for (size_t i = 0; i < timed->trace->threads; i++) {
        const struct strand *strand = &order->strands[i];

        for (uint32_t p = strand->first; p < strand->end; p++) {
            if (timed->left[p] == 0 && timed->steps[p].kind != TRACE_FREE)
                timed->left[count++] = p; /* never before what is to come */
        }
        timed->left_ends[i] = count;
    }
}

static void lay_out(struct timed_crew *timed, int32_t *slot_of)
{
    timed->period = timed_crew_period(timed->trace);
    memset(slot_of, 0xff, map_bytes(timed));
    for (size_t i = 0; i < timed->trace->threads; i++)
        lay_out_strand(timed, &timed->order.strands[i], slot_of);
    for (size_t i = 0; i < timed->trace->threads; i++)
        timed->moments +=
            (timed->order.strands[i].end - timed->order.strands[i].first) /
            timed->period;
    find_left(timed);
}

static bool open_parts(struct timed_crew *timed, struct result *result)
{
    if (!order_open(&timed->order, timed->trace, false))
        return false;
    if (!crew_open(&timed->crew, &timed->order, result)) {
        order_close(&timed->order);
        return false;
    }
    if (timed_open(&timed->timed, timed->trace, &result->op))
        return true;
    crew_close(&timed->crew);
    order_close(&timed->order);
    return false;
}

bool timed_crew_open(struct timed_crew *timed, const struct trace *trace,
                     struct result *result)
{
    *timed = (struct timed_crew){.trace = trace};
    if (!open_parts(timed, result))
        return false;
    timed->steps = timed_new_steps(&timed->timed);
    timed->log = pages_get(log_bytes(timed));
    timed->slots = pages_get(slots_bytes(timed));
    timed->left = pages_get(left_bytes(timed));
    timed->left_ends = pages_get(left_ends_bytes(timed));

    int32_t *slot_of = pages_get(map_bytes(timed));
    bool done = timed->steps && timed->log && timed->slots && timed->left &&
                timed->left_ends && slot_of;
    if (done)
        lay_out(timed, slot_of);
    else
        timed_crew_close(timed);
    pages_give(slot_of, map_bytes(timed));
    return done;
}

void timed_crew_close(struct timed_crew *timed)
{
    if (timed->crew.stuck)
        return;
    timed_free_steps(&timed->timed, timed->steps);
    pages_give(timed->log, log_bytes(timed));
    pages_give(timed->slots, slots_bytes(timed));
    pages_give(timed->left, left_bytes(timed));
    pages_give(timed->left_ends, left_ends_bytes(timed));
    timed_close(&timed->timed);
    crew_close(&timed->crew);
    order_close(&timed->order);
}

/* --- The echo ---------------------------------------------------------- */

struct step *timed_crew_new_steps(const struct timed_crew *timed)
{
    return timed_new_steps(&timed->timed);
}

void timed_crew_free_steps(const struct timed_crew *timed, struct step *steps)
{
    timed_free_steps(&timed->timed, steps);
}

void timed_crew_make_echo(const struct timed_crew *timed, struct step *steps)
{
    for (size_t i = 0; i < timed->trace->ops_count; i++) {
        steps[i] = timed->steps[i];
        steps[i].size =
            (size_t)timed_echo_address(&timed->timed, timed->log[i].address);
    }
}

/* --- The loop ---------------------------------------------------------- */

/* Let no load of the call just made come after those that follow. */
static inline void order_loads(void)
{
#ifdef __x86_64__
    __asm__ volatile("" ::: "memory"); /* the processor keeps their order */
#else
    __sync_synchronize();
#endif
}

static inline uint32_t read_clock(struct timed_crew *timed)
{
    return atomic_load_explicit(&timed->clock, memory_order_acquire);
}

/* Set *first to place, unless another was first. In an echo many are wrong:
   so that threads do not queue up for it, it is read before. */
static void note_first(_Atomic uint32_t *first, uint32_t place)
{
    uint32_t none = ORDER_NONE;

    if (atomic_load_explicit(first, memory_order_relaxed) == none)
        atomic_compare_exchange_strong(first, &none, place);
}

/* Replay the step at place; false when it got NULL. */
static inline bool play_step(struct timed_crew *timed, uint32_t place,
                             uint64_t stamp)
{
    const struct step *step = &timed->played[place];
    struct event *event = &timed->log[place];
    bool is_wrong = false;

    stamp += (uint64_t)step->slot;

    event->taken = read_clock(timed);
    char *block = timed_call(timed->stage, step, timed->slots[step->slot],
                             stamp, &is_wrong);
    order_loads();
    event->given = read_clock(timed);
    event->address = block;
    timed->slots[step->slot] = block;
    if (is_wrong)
        note_first(&timed->wrong, place);
    if (step->needs && !block) {
        note_first(&timed->null, place);
        return false;
    }
    if (step->stamps)
        timed_store(block, step->stamp_at, stamp);
    return true;
}

/* Free what the trace leaves live of a thread's blocks. */
static void free_left(struct timed_crew *timed, const struct strand *strand)
{
    size_t thread = (size_t)(strand - timed->order.strands);

    for (uint32_t i = thread > 0 ? timed->left_ends[thread - 1] : 0;
         i < timed->left_ends[thread]; i++) {
        int32_t slot = timed->steps[timed->left[i]].slot;

        timed->stage->free(timed->slots[slot]);
        timed->slots[slot] = NULL;
    }
}

/* What each thread does in a round; arg is the struct timed_crew. Stamps
   differ from round to round, see timed_clear. */
static bool play(struct worker *worker, void *arg)
{
    struct timed_crew *timed = arg;
    const struct turn *turns = timed->order.turns;
    uint32_t end = worker->strand->end;
    uint32_t left = timed->period;
    uint64_t stamp = timed->timed.stamp + ((uint64_t)worker->round << 32);

    for (uint32_t place = worker->strand->first; place < end; place++) {
        const struct turn *turn = &turns[place];

        if (!worker_begin(worker, turn))
            return true;
        if (!play_step(timed, place, stamp))
            return false;
        worker_done(worker, place, turn);
        if (--left == 0) {
            atomic_fetch_add(&timed->clock, 1);
            left = timed->period;
        }
    }
    if (worker->round + 1 < timed->crew.rounds)
        free_left(timed, worker->strand);
    return true;
}

bool timed_crew_play(struct timed_crew *timed, const struct step *steps,
                     const struct stage *stage, uint32_t rounds,
                     double *seconds)
{
    timed_clear(&timed->timed); /* draws another stamp */
    memset(timed->slots, 0, slots_bytes(timed));
    atomic_store(&timed->wrong, ORDER_NONE);
    atomic_store(&timed->null, ORDER_NONE);
    atomic_store(&timed->clock, 0);
    timed->stage = stage;
    timed->played = steps;
    timed->start = (rounds - 1) * timed->moments;

    bool is_whole = crew_run(&timed->crew, play, timed, rounds, seconds);
    if (seconds)
        *seconds /= rounds;
    return is_whole;
}
