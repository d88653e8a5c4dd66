/* measure_crew.c - stage and glibc timed on threads; see measure_crew.h. */
#define _GNU_SOURCE /* sched_getcpu, CPU_SET */
#include "measure_crew.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "explain.h"
#include "memlib_sim.h"
#include "pages.h"
#include "pass.h"
#include "shadow.h"
#include "stats.h"
#include "timed_crew.h"

enum {
    PAIRS_MOST = 25,
    PAIRS_LEAST = 5,
    SLOW_PAIRS = 3,      /* pairs of a stage that takes long, and */
    CRAWL_PAIRS = 1,     /* of one that takes very long */
    ROUNDS_MOST = 32,    /* rounds of a pass, and */
    ROUNDS_OPS = 400000, /* operations in all of them, about */
    REPEATS = 5,         /* passes of a sample: the fastest of them counts */
    FOOTPRINT_TIMES = 2, /* as much as in turns is let pass */
};

/* The threads of an echo write to the same memory in no order, since no
   allocator hands it from one to the next: ThreadSanitizer would say so. */
#ifdef __SANITIZE_THREAD__
static const bool HAS_ECHO = false;
#else
static const bool HAS_ECHO = true;
#endif

static const double SECONDS = 1.5;        /* for all pairs, about */
static const double SAMPLE_MOST = 5e-2;   /* seconds a sample takes at most */
static const double SLOW_SECONDS = 0.2;   /* a pass that is slow */
static const double CRAWL_SECONDS = 2.0;  /* a pass that is very slow */
static const double ROUNDS_SECONDS = 0.2; /* that rounds take at most */
static const double CALLS_LEAST = 0.02;   /* share of a pass not the loop's */

/* What has become of the block that a place was given, in the sweep. */
enum fate { NOT_YET, LIVE, GONE };

/* Places in the order of a moment of theirs. */
struct sorted {
    uint32_t *places; /* ops_count */
    uint32_t *starts; /* by moment: where its places begin */
};

/* One of the two allocators that are compared. */
struct side {
    const struct stage *stage;
    struct step *echo;          /* the steps to find the loop's cost with */
    int repeats;                /* passes of a sample */
    double seconds[PAIRS_MOST]; /* a round, in each pair's fastest pass */
    double calls[PAIRS_MOST];   /* of which the calls, if parallel */
};

struct measure {
    const struct trace *trace;
    const struct stage *stage;
    struct result *result;
    const struct crew_rig *rig;
    double gate_cpu; /* with a rig: the clock when glibc's threads began, */
    double end_cpu;  /* and when the last one had played its last op */
    bool parallel;   /* on all processors: in rounds, and the loop apart */
    uint32_t rounds;
    struct timed_crew timed;
    struct shadow *shadow; /* to verify a pass with */
    uint8_t *fates;        /* by place */
    struct sorted takes;   /* by the moment when a block is taken */
    struct sorted gives;   /* by the moment from which it is live */
    int64_t *changes;      /* by moment: of the bytes that may be live */
    struct side own;
    struct side libc;
    bool libc_fits; /* glibc had memory for the trace */
};

/* Static, as threads that are stuck may come back to it. */
static struct measure measure;

static double clock_seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double wall_seconds(void)
{
    return clock_seconds(CLOCK_MONOTONIC);
}

static double cpu_seconds(void)
{
    return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

/* --- Memory ------------------------------------------------------------ */

static size_t ops_count(void)
{
    return measure.trace->ops_count;
}

static size_t places_bytes(void)
{
    return ops_count() * sizeof(uint32_t);
}

/* The clock is never moved on more often than there are operations; a moment
   is a value it may have later, and starts has one more. */
static size_t starts_bytes(void)
{
    return (ops_count() + 4) * sizeof(uint32_t);
}

static size_t changes_bytes(void)
{
    return (ops_count() + 4) * sizeof *measure.changes;
}

/* What the operation at place asks for. */
static int64_t place_bytes(size_t place)
{
    uint32_t op = measure.timed.order.turns[place].op;

    return (int64_t)trace_op_bytes(&measure.trace->ops[op]);
}

static bool open_sorted(struct sorted *sorted)
{
    sorted->places = pages_get(places_bytes());
    sorted->starts = pages_get(starts_bytes());
    return sorted->places && sorted->starts;
}

static void close_sorted(struct sorted *sorted)
{
    pages_give(sorted->places, places_bytes());
    pages_give(sorted->starts, starts_bytes());
}

static bool open_measure(void)
{
    if (!timed_crew_open(&measure.timed, measure.trace, measure.result))
        return false;
    measure.libc_fits = true;
    measure.shadow = shadow_new(measure.trace->ids + 1);
    measure.fates = pages_get(ops_count());
    measure.changes = pages_get(changes_bytes());
    measure.own.echo = timed_crew_new_steps(&measure.timed);
    measure.libc.echo = timed_crew_new_steps(&measure.timed);
    return open_sorted(&measure.takes) && open_sorted(&measure.gives) &&
           measure.shadow && measure.fates && measure.changes &&
           measure.own.echo && measure.libc.echo;
}

static void close_measure(void)
{
    close_sorted(&measure.takes);
    close_sorted(&measure.gives);
    shadow_free(measure.shadow);
    pages_give(measure.fates, ops_count());
    pages_give(measure.changes, changes_bytes());
    timed_crew_free_steps(&measure.timed, measure.own.echo);
    timed_crew_free_steps(&measure.timed, measure.libc.echo);
    timed_crew_close(&measure.timed);
}

/* --- Which blocks were live at a moment -------------------------------- */

/*
 * A moment m is when the clock becomes m. A block was certainly there at m
 * when it was given at a lower value, and taken at m or a higher one.
 */
static uint32_t take_moment(const struct event *event)
{
    return event->taken - measure.timed.start + 1;
}

static uint32_t give_moment(const struct event *event)
{
    return event->given - measure.timed.start + 1;
}

/* The last moment of the pass's last round, which is what the log tells of. */
static uint32_t last_moment(void)
{
    return atomic_load(&measure.timed.clock) - measure.timed.start + 1;
}

/* Sort the places by moment: count, sum up, distribute. */
static void sort_places(struct sorted *sorted, uint32_t moments,
                        uint32_t (*moment)(const struct event *event))
{
    const struct event *log = measure.timed.log;
    uint32_t *starts = sorted->starts;

    memset(starts, 0, (moments + 2) * sizeof *starts);
    for (size_t i = 0; i < ops_count(); i++)
        starts[moment(&log[i]) + 1]++;
    for (uint32_t m = 1; m <= moments + 1; m++)
        starts[m] += starts[m - 1];
    for (uint32_t i = 0; i < ops_count(); i++)
        sorted->places[starts[moment(&log[i])]++] = i;
    memmove(starts + 1, starts, (moments + 1) * sizeof *starts);
    starts[0] = 0;
}

/* The operation at place has taken the block that its id had, if any. */
static void take_block(uint32_t place)
{
    uint32_t before = measure.timed.order.turns[place].before;
    uint8_t kind = measure.timed.steps[place].kind;

    if (before == ORDER_NONE || (kind != TRACE_FREE && kind != TRACE_REALLOC))
        return;
    if (measure.fates[before] == LIVE)
        shadow_remove(measure.shadow, measure.timed.log[before].address, NULL);
    measure.fates[before] = GONE;
}

/* The block given at place is live, unless taken already. */
static bool give_block(uint32_t place)
{
    uint32_t op = measure.timed.order.turns[place].op;
    struct shadow_block block = {
        .payload = measure.timed.log[place].address,
        .size = trace_op_bytes(&measure.trace->ops[op]),
        .id = measure.trace->ops[op].id,
        .op = op,
    };

    if (!block.payload || measure.fates[place] == GONE)
        return true;
    measure.fates[place] = LIVE;

    const struct shadow_block *live = shadow_insert(measure.shadow, &block);
    return !live ||
           pass_explain_overlap(measure.result, measure.trace, &block, live);
}

/* --- Verifying a pass -------------------------------------------------- */

static bool verify_places(void)
{
    for (uint32_t place = 0; place < ops_count(); place++) {
        uint32_t op = measure.timed.order.turns[place].op;
        struct shadow_block block = {
            .payload = measure.timed.log[place].address,
            .size = trace_op_bytes(&measure.trace->ops[op]),
            .op = op,
        };

        if (block.payload && !pass_judge_place(measure.result, measure.trace,
                                               measure.stage, &block))
            return false;
    }
    return true;
}

/* One moment of the sweep; false, explained, when two live blocks overlap. */
static bool verify_moment(uint32_t m)
{
    for (uint32_t i = measure.takes.starts[m]; i < measure.takes.starts[m + 1];
         i++)
        take_block(measure.takes.places[i]);
    for (uint32_t i = measure.gives.starts[m]; i < measure.gives.starts[m + 1];
         i++) {
        if (!give_block(measure.gives.places[i]))
            return false;
    }
    return true;
}

/* From moment to moment: live blocks are apart. *payload gets their peak. */
static bool verify_apart(size_t *payload)
{
    uint32_t moments = last_moment();

    sort_places(&measure.takes, moments, take_moment);
    sort_places(&measure.gives, moments, give_moment);
    shadow_clear(measure.shadow);
    memset(measure.fates, NOT_YET, ops_count());
    *payload = 0;
    for (uint32_t m = 1; m <= moments; m++) {
        if (!verify_moment(m))
            return false;
        if (shadow_bytes(measure.shadow) > *payload)
            *payload = shadow_bytes(measure.shadow);
    }
    return true;
}

/* The places that the clock's order has found no fault with. */
static bool verify_stamps(void)
{
    uint32_t wrong = atomic_load(&measure.timed.wrong);

    return wrong == ORDER_NONE ||
           pass_explain_stamp(measure.result, measure.trace,
                              measure.timed.order.turns[wrong].op,
                              &measure.timed.steps[wrong]);
}

/*
 * live_most - no more bytes were live at any moment of the pass.
 *
 * A block may have been live from the clock's value before the call that gave
 * it to the value after the call that took it.
 */
static size_t live_most(void)
{
    const struct event *log = measure.timed.log;
    size_t moments = last_moment() + 1;
    int64_t live = 0;
    int64_t most = 0;

    memset(measure.changes, 0, moments * sizeof *measure.changes);
    for (size_t i = 0; i < ops_count(); i++) {
        uint32_t before = measure.timed.order.turns[i].before;

        measure.changes[take_moment(&log[i]) - 1] += place_bytes(i);
        if (before != ORDER_NONE)
            measure.changes[give_moment(&log[i])] -= place_bytes(before);
    }
    for (size_t i = 0; i < moments; i++) {
        live += measure.changes[i];
        most = live > most ? live : most;
    }
    return (size_t)most;
}

/*
 * A stage must not be another one when timed. How much it holds depends on how
 * the threads run, so it may hold some times what it did in turns, and more
 * where more was live. When it holds yet more, its share of that counts.
 */
static void note_footprint(void)
{
    struct result *result = measure.result;
    size_t peak = mem_counts().peak;

    if (peak / FOOTPRINT_TIMES <= result->peak_footprint)
        return;
    double grown = (double)live_most() / (double)result->peak_payload;
    double counts = (double)peak / FOOTPRINT_TIMES / fmax(1.0, grown);
    if (counts > (double)result->peak_footprint)
        result->peak_footprint = (size_t)counts;
}

/* whole: whether all is looked at; which blocks were live takes long. */
static bool verify_pass(bool whole)
{
    size_t payload = 0;

    if (!verify_places() || (whole && !verify_apart(&payload)) ||
        !verify_stamps() ||
        !pass_judge_payload(measure.result, measure.trace, RESULT_THREADS,
                            payload))
        return false;
    note_footprint();
    return true;
}

/* A pass that did not come to its end. */
static bool explain_stop(void)
{
    uint32_t null = atomic_load(&measure.timed.null);

    return null != ORDER_NONE &&
           pass_explain_null(measure.result, measure.trace,
                             measure.timed.order.turns[null].op);
}

/* --- Passes ------------------------------------------------------------ */

/* Returns false, explained, when the stage went wrong. */
static bool end_pass(const struct stage *stage, bool is_whole, bool verify)
{
    bool is_null = atomic_load(&measure.timed.null) != ORDER_NONE;

    if (stage != &libc_stage)
        return is_whole ? verify_pass(verify) : explain_stop();
    if (measure.timed.crew.stuck)
        return false;
    pass_clean_libc(measure.timed.slots, measure.timed.slots_count);
    measure.libc_fits = measure.libc_fits && is_whole;
    return is_whole || is_null;
}

/* counts: the time of the pass may be that of the stage. */
static bool begin_pass(const struct stage *stage, bool counts)
{
    if (measure.rig && stage != &libc_stage &&
        !measure.rig->begin(&measure.timed, counts))
        return false;
    return pass_begin(measure.result, measure.trace, stage);
}

static void note_gate(void)
{
    measure.gate_cpu = cpu_seconds();
}

static void note_end(void)
{
    measure.end_cpu = cpu_seconds();
}

static bool play_pass(const struct stage *stage, double *seconds)
{
    if (!measure.rig)
        return timed_crew_play(&measure.timed, measure.timed.steps, stage,
                               measure.rounds, seconds);
    if (stage != &libc_stage)
        return measure.rig->play(&measure.timed, seconds);
    measure.timed.crew.at_gate = note_gate;
    measure.timed.crew.at_end = note_end;

    bool is_whole =
        timed_crew_play(&measure.timed, measure.timed.steps, stage, 1, NULL);
    *seconds = measure.end_cpu - measure.gate_cpu;
    return is_whole;
}

/* One pass; *seconds is lowered to its time. */
static bool time_pass(const struct stage *stage, bool counts, bool verify,
                      double *seconds)
{
    double pass = INFINITY;

    if (!begin_pass(stage, counts))
        return false;
    bool is_whole = play_pass(stage, &pass);
    *seconds = fmin(*seconds, pass);
    return end_pass(stage, is_whole, verify);
}

/* --- Pairs ------------------------------------------------------------- */

/*
 * time_loop - what the calls take of a sample's time.
 *
 * That is how much sooner all threads are through when the calls do nothing:
 * the same threads play the same loop, and wait for each other as before, over
 * an echo of the last pass.
 */
static bool time_loop(struct side *side, int pair)
{
    double seconds = side->seconds[pair];
    double loop = INFINITY;

    timed_crew_make_echo(&measure.timed, side->echo);
    for (int i = 0; i < side->repeats; i++) {
        double pass = INFINITY;

        if (!timed_crew_play(&measure.timed, side->echo, &echo_stage,
                             measure.rounds, &pass))
            return false;
        loop = fmin(loop, pass);
    }
    side->calls[pair] = fmax(seconds - loop, CALLS_LEAST * seconds);
    return true;
}

/*
 * time_sample - the fastest of a few passes of the side.
 *
 * One of them, the stage cannot know which, is verified whole.
 */
static bool time_sample(struct side *side, int pair)
{
    int verified =
        (int)((uint64_t)(1e9 * wall_seconds()) / 64 % (uint64_t)side->repeats);
    double *seconds = &side->seconds[pair];

    *seconds = INFINITY;
    for (int i = 0; i < side->repeats; i++) {
        if (!time_pass(side->stage, true, i == verified, seconds))
            return false;
    }
    return !measure.parallel || !HAS_ECHO || time_loop(side, pair);
}

/* The first passes of a side, which fault its memory in. */
static bool warm_up(struct side *side, const struct stage *stage)
{
    double pass = INFINITY;

    side->stage = stage;
    if (!time_pass(stage, false, true, &pass))
        return false;
    if (pass < SLOW_SECONDS && !time_pass(stage, false, true, &pass))
        return false;
    side->repeats =
        (int)fmax(1.0, fmin(REPEATS, SAMPLE_MOST / pass / measure.rounds));
    side->seconds[0] = pass;
    return true;
}

/* One pair; which side comes first changes from one to the next. */
static bool time_pair(int pair)
{
    struct side *first = pair % 2 == 0 ? &measure.own : &measure.libc;
    struct side *second = pair % 2 == 0 ? &measure.libc : &measure.own;

    return time_sample(first, pair) && time_sample(second, pair);
}

/* Pairs that a stage is timed in at least, when a pass takes so long. */
static int pairs_least(double pass)
{
    if (pass > CRAWL_SECONDS)
        return CRAWL_PAIRS;
    return pass > SLOW_SECONDS ? SLOW_PAIRS : PAIRS_LEAST;
}

static bool time_pairs(void)
{
    int *pairs = &measure.result->timing.pairs;
    int least = pairs_least(measure.own.seconds[0]);
    double start = wall_seconds();

    while (*pairs < least ||
           (*pairs < PAIRS_MOST && wall_seconds() - start < SECONDS)) {
        if (!time_pair(*pairs))
            return false;
        *pairs += 1;
    }
    return true;
}

static void divide(const double *above, const double *below, double *ratios,
                   size_t count)
{
    for (size_t i = 0; i < count; i++)
        ratios[i] = above[i] / below[i];
}

static void sum_up_calls(struct timing *timing, size_t count)
{
    double ratios[PAIRS_MOST];

    timing->calls_seconds = stats_median(measure.own.calls, count);
    if (!measure.libc_fits)
        return;
    divide(measure.libc.calls, measure.own.calls, ratios, count);
    timing->libc_calls_seconds = stats_median(measure.libc.calls, count);
    timing->calls_speed = stats_median(ratios, count);
    timing->calls_spread = stats_spread(ratios, count);
}

/* From the pairs to struct timing. Without glibc there is no ratio: T = 1. */
static void sum_up(void)
{
    struct timing *timing = &measure.result->timing;
    size_t count = (size_t)timing->pairs;
    double ratios[PAIRS_MOST];

    divide(measure.libc.seconds, measure.own.seconds, ratios, count);
    timing->seconds = stats_median(measure.own.seconds, count);
    timing->speed = 1.0;
    if (measure.libc_fits) {
        timing->libc_seconds = stats_median(measure.libc.seconds, count);
        timing->speed = stats_median(ratios, count);
        timing->spread = stats_spread(ratios, count);
    }
    if (measure.parallel && HAS_ECHO)
        sum_up_calls(timing, count);
}

/*
 * rounds_for - how often a pass in parallel plays the trace.
 *
 * Most traces are over in a millisecond, of which the kernel takes a good part
 * to get all threads going: they would hardly meet.
 */
static uint32_t rounds_for(double pass)
{
    double by_ops = ceil(ROUNDS_OPS / (double)ops_count());

    if (!measure.parallel || !crew_has_rounds(&measure.timed.crew))
        return 1;
    return (uint32_t)fmax(
        1.0, fmin(fmin(by_ops, ROUNDS_MOST), ROUNDS_SECONDS / pass));
}

static bool run_measure(void)
{
    pass_keep_libc_memory();
    if (!warm_up(&measure.own, measure.stage))
        return false;
    measure.rounds = rounds_for(measure.own.seconds[0]);
    if (measure.rounds > 1 && !warm_up(&measure.own, measure.stage))
        return false;
    if (!warm_up(&measure.libc, &libc_stage) || !time_pairs())
        return false;
    sum_up();
    return true;
}

/* Keep this thread, and those it starts, to the processor it is on. Returns
   the processors it might use before. */
static cpu_set_t share_processor(void)
{
    cpu_set_t before, one;

    CPU_ZERO(&before);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    sched_getaffinity(0, sizeof before, &before);
    sched_setaffinity(0, sizeof one, &one);
    return before;
}

bool measure_crew(const struct trace *trace, const struct stage *stage,
                  const struct measure_crew_options *options,
                  struct result *result)
{
    bool done = false;
    cpu_set_t processors;

    if (!options->parallel)
        processors = share_processor();
    measure = (struct measure){
        .trace = trace,
        .stage = stage,
        .result = result,
        .rig = options->rig,
        .parallel = options->parallel && !options->rig,
        .rounds = 1,
    };
    result->timing = (struct timing){0};
    if (open_measure())
        done = run_measure();
    else
        explain(result, VERDICT_BROKEN, trace, 0,
                "no memory for the measuring itself: %s; close other programs "
                "or replay with -c, which does not measure",
                strerror(errno));
    if (!measure.timed.crew.stuck)
        close_measure();
    if (!options->parallel)
        sched_setaffinity(0, sizeof processors, &processors);
    return done;
}
