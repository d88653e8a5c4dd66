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

static void lay_out(struct timed_crew *timed, int32_t *slot_of)
{
    timed->period = timed_crew_period(timed->trace);
    memset(slot_of, 0xff, map_bytes(timed));
    for (size_t i = 0; i < timed->trace->threads; i++)
        lay_out_strand(timed, &timed->order.strands[i], slot_of);
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

    int32_t *slot_of = pages_get(map_bytes(timed));
    bool done = timed->steps && timed->log && timed->slots && slot_of;
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
    timed_close(&timed->timed);
    crew_close(&timed->crew);
    order_close(&timed->order);
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

/* Set *first to place, unless another was first. */
static void note_first(_Atomic uint32_t *first, uint32_t place)
{
    uint32_t none = ORDER_NONE;

    atomic_compare_exchange_strong(first, &none, place);
}

/* Replay the step at place; false when it got NULL. */
static inline bool play_step(struct timed_crew *timed, uint32_t place)
{
    const struct step *step = &timed->steps[place];
    struct event *event = &timed->log[place];
    uint64_t stamp = timed->timed.stamp + (uint64_t)step->slot;
    bool is_wrong = false;

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

/* What each thread does; arg is the struct timed_crew. */
static bool play(struct worker *worker, void *arg)
{
    struct timed_crew *timed = arg;
    const struct turn *turns = timed->order.turns;
    uint32_t end = worker->strand->end;
    uint32_t left = timed->period;

    for (uint32_t place = worker->strand->first; place < end; place++) {
        const struct turn *turn = &turns[place];

        if (!worker_begin(worker, turn))
            return true;
        if (!play_step(timed, place))
            return false;
        worker_done(worker, place, turn);
        if (--left == 0) {
            atomic_fetch_add(&timed->clock, 1);
            left = timed->period;
        }
    }
    return true;
}

bool timed_crew_play(struct timed_crew *timed, const struct stage *stage,
                     double *seconds)
{
    timed_clear(&timed->timed); /* draws another stamp */
    memset(timed->slots, 0, slots_bytes(timed));
    atomic_store(&timed->wrong, ORDER_NONE);
    atomic_store(&timed->null, ORDER_NONE);
    atomic_store(&timed->clock, 0);
    timed->stage = stage;
    return crew_run(&timed->crew, play, timed, seconds);
}
