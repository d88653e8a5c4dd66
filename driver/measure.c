/* measure.c - the stage and glibc timed in turn; see measure.h. */
#include "measure.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "explain.h"
#include "memlib_sim.h"
#include "pages.h"
#include "pass.h"
#include "score.h"
#include "shadow.h"
#include "stats.h"
#include "timed.h"

enum {
    PAIRS_MOST = 512,    /* room for so many, whatever the options say */
    SLOW_PAIRS = 3,      /* pairs of a stage that takes long, and */
    CRAWL_PAIRS = 1,     /* of one that takes very long */
    REPEATS = 5,         /* passes of a sample: the fastest of them counts, */
    REPEATS_MOST = 1000, /* or so many when they are very short */
    CYCLE_SAMPLES = 3,   /* samples of passes that count cycles */
};

static const double SAMPLE_LEAST = 1e-3; /* seconds a sample takes at least */
static const double SAMPLE_MOST = 2e-2;  /* and at most, but for one pass */
static const double SLOW_SECONDS = 0.1;  /* a pass that is slow */
static const double CRAWL_SECONDS = 1.0; /* a pass that is very slow */
static const double NET_LEAST = 0.02;    /* share of a pass not the loop's */
static const double TICK = 1e-9;         /* less the clock cannot show */

const struct measure_options measure_defaults = {
    .pairs_min = 5,
    .pairs_max = 25,
    .seconds = 0.4,
};

/* One of the two allocators that are compared. */
struct side {
    const struct stage *stage;
    struct step *echo;      /* the steps to find the loop's cost with */
    double pass;            /* seconds of the second pass, about */
    int repeats;            /* passes of a sample */
    double net[PAIRS_MOST]; /* seconds a pass of each pair, less the loop */
};

struct measure {
    const struct trace *trace;
    const struct stage *stage;
    const struct measure_options *options;
    struct result *result;
    const struct rig *rig; /* of options */
    struct timed timed;
    struct shadow *shadow; /* to verify a pass with */
    void **verified;       /* the addresses of the last pass found right */
    size_t payload;        /* bytes live at most in that pass, */
    size_t payload_op;     /* from this operation on */
    struct side own;       /* the stage */
    struct side libc;
    bool libc_fits;   /* glibc had memory for the trace */
    double start_cpu; /* the clocks and the counter at the beginning */
    double start_wall;
    uint64_t start_counter;
};

/* --- Clocks ------------------------------------------------------------ */

static double clock_seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* What this process has spent of a processor: others do not count in it. */
static double cpu_seconds(void)
{
    return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static double wall_seconds(void)
{
    return clock_seconds(CLOCK_MONOTONIC);
}

/* Ticks of the time-stamp counter a second, over all that was measured. */
static double counter_rate(const struct measure *measure)
{
    return (double)(timed_counter() - measure->start_counter) /
           (wall_seconds() - measure->start_wall);
}

/* --- Verifying a pass -------------------------------------------------- */

/* Where every call to memlib is carried out in its turn, the stage holds the
   block's memory at that very moment. */
static bool verify_held(const struct measure *measure,
                        const struct shadow_block *block)
{
    const char *p = block->payload;

    if (!measure->rig || mem_contains(p, block->size > 0 ? block->size : 1) ||
        (block->size == 0 && mem_contains(p - 1, 1)))
        return true;
    return explain(measure->result, VERDICT_WRONG, measure->trace, block->op,
                   "the block at %p is outside of the memory the stage holds, "
                   "expected it below the break or in a mapping",
                   block->payload);
}

/* The block that operation i of the pass was given is where it may be. */
static bool verify_block(const struct measure *measure, size_t i)
{
    const struct trace_op *op = &measure->trace->ops[i];
    struct shadow_block block = {.payload = measure->timed.log[i],
                                 .size = trace_op_bytes(op),
                                 .id = op->id,
                                 .op = i};

    if (!pass_judge_place(measure->result, measure->trace, measure->stage,
                          &block) ||
        !verify_held(measure, &block))
        return false;

    const struct shadow_block *live = shadow_insert(measure->shadow, &block);
    return !live ||
           pass_explain_overlap(measure->result, measure->trace, &block, live);
}

/* Take the block that operation i frees or moves out of the record. */
static void verify_gone(const struct measure *measure, size_t i)
{
    const struct step *step = &measure->timed.steps[i];

    if ((step->kind == TRACE_FREE || step->kind == TRACE_REALLOC) &&
        measure->timed.slots[step->slot])
        shadow_remove(measure->shadow, measure->timed.slots[step->slot], NULL);
}

static void note_payload(struct measure *measure, size_t i)
{
    size_t live = shadow_bytes(measure->shadow);

    if (live > measure->payload) {
        measure->payload = live;
        measure->payload_op = i;
    }
}

/* What memlib gave before op i came to its end, if it was asked elsewhere. */
static void advance(const struct measure *measure, size_t i)
{
    if (measure->rig)
        measure->rig->advance(i);
}

/*
 * verify_log - judge every address of the last pass.
 *
 * Most passes give the same addresses as the one before: then there is
 * nothing to do. Leaves the slots as the pass did.
 */
static bool verify_log(struct measure *measure)
{
    struct timed *timed = &measure->timed;
    size_t count = measure->trace->ops_count;

    if (memcmp(timed->log, measure->verified, count * sizeof *timed->log) ==
        0) {
        advance(measure, count);
        return true;
    }
    timed_clear(timed);
    shadow_clear(measure->shadow);
    measure->payload = 0;
    for (size_t i = 0; i < count; i++) {
        verify_gone(measure, i);
        timed->slots[timed->steps[i].slot] = timed->log[i];
        advance(measure, i);
        if (timed->log[i] && !verify_block(measure, i))
            return false;
        note_payload(measure, i);
    }
    advance(measure, count);
    memcpy(measure->verified, timed->log, count * sizeof *timed->log);
    return true;
}

/* Note what the pass took; more cannot be live than memlib gave. */
static bool verify_footprint(const struct measure *measure)
{
    struct result *result = measure->result;
    size_t peak = mem_counts().peak;

    if (peak > result->peak_footprint)
        result->peak_footprint = peak;
    return pass_judge_payload(result, measure->trace, measure->payload_op,
                              measure->payload);
}

/* Judge a pass of the stage that came to its end, or stopped at a NULL. */
static bool verify_pass(struct measure *measure, bool is_whole)
{
    size_t wrong = measure->timed.wrong;

    if (!is_whole) {
        advance(measure, measure->result->op);
        return pass_explain_null(measure->result, measure->trace,
                                 measure->result->op);
    }
    if (!verify_log(measure) || !verify_footprint(measure))
        return false;
    return wrong >= measure->trace->ops_count ||
           pass_explain_stamp(measure->result, measure->trace, wrong,
                              &measure->timed.steps[wrong]);
}

/* --- Passes ------------------------------------------------------------ */

/* counts: the time of the pass may be that of the stage. */
static bool begin_pass(struct measure *measure, const struct stage *stage,
                       bool counts)
{
    timed_clear(&measure->timed);
    if (measure->rig && stage != &libc_stage &&
        !measure->rig->begin(&measure->timed, counts))
        return false;
    return pass_begin(measure->result, measure->trace, stage);
}

/* What is due after a pass; false when the trace cannot be measured. */
static bool end_pass(struct measure *measure, const struct stage *stage,
                     bool is_whole)
{
    if (stage != &libc_stage)
        return verify_pass(measure, is_whole);
    pass_clean_libc(measure->timed.slots, measure->trace->ids + 1);
    measure->libc_fits = measure->libc_fits && is_whole;
    return true;
}

/* Play the steps on the stage; *seconds gets the time it took. */
static bool play_pass(struct measure *measure, const struct stage *stage,
                      double *seconds)
{
    if (measure->rig && stage != &libc_stage)
        return measure->rig->play(&measure->timed, NULL, seconds);

    const struct timed *timed = &measure->timed;
    const struct step *steps = timed_freshen(timed, timed->steps);
    double start = cpu_seconds();
    bool is_whole = timed_play(&measure->timed, steps, stage);
    *seconds = cpu_seconds() - start;
    return is_whole;
}

/*
 * time_pass - one pass of the side; *seconds is lowered to its time.
 *
 * Returns false, explained, when the stage went wrong.
 */
static bool time_pass(struct measure *measure, const struct side *side,
                      bool counts, double *seconds)
{
    double pass;

    if (!begin_pass(measure, side->stage, counts))
        return false;
    bool is_whole = play_pass(measure, side->stage, &pass);
    *seconds = fmin(*seconds, pass);
    return end_pass(measure, side->stage, is_whole);
}

/* Play the loop with the addresses that the side gave; returns seconds. */
static double play_echo(struct measure *measure, const struct side *side)
{
    timed_clear(&measure->timed);
    const struct step *steps = timed_freshen(&measure->timed, side->echo);
    double start = cpu_seconds();
    timed_play(&measure->timed, steps, &echo_stage);
    return cpu_seconds() - start;
}

/* --- Pairs ------------------------------------------------------------- */

/*
 * time_sample - the seconds of a pass of the side, less the loop, to *net.
 *
 * The same passes are repeated, and the fastest counts: whatever else runs on
 * the machine, and a cache that has yet to be filled, can only make a pass
 * slower.
 */
static bool time_sample(struct measure *measure, const struct side *side,
                        double *net)
{
    double pass = INFINITY;
    double loop = INFINITY;

    for (int i = 0; i < side->repeats; i++) {
        if (!time_pass(measure, side, true, &pass))
            return false;
    }
    for (int i = 0; i < side->repeats; i++)
        loop = fmin(loop, play_echo(measure, side));
    *net = fmax(fmax(pass - loop, NET_LEAST * pass), TICK);
    return true;
}

/* Passes of a sample, when one takes so many seconds. */
static int repeats_for(double pass)
{
    double room = SAMPLE_MOST / pass;
    double repeats = fmax(SAMPLE_LEAST / pass, fmin(REPEATS, room));

    return (int)fmax(1.0, fmin(REPEATS_MOST, repeats));
}

/*
 * warm_up - the first passes of a side, which fault its memory in.
 *
 * From the addresses of the first its echo is made; from the time of the
 * second, which a slow stage is spared, follows how often to repeat.
 */
static bool warm_up(struct measure *measure, struct side *side)
{
    side->pass = INFINITY;
    if (!time_pass(measure, side, false, &side->pass))
        return false;
    timed_make_echo(&measure->timed, side->echo);
    if (side->pass < SLOW_SECONDS &&
        !time_pass(measure, side, false, &side->pass))
        return false;
    play_echo(measure, side);
    side->repeats = repeats_for(side->pass);
    return true;
}

/* Pairs to time at least; a stage that crawls scores next to nothing. */
static int pairs_min(const struct measure *measure)
{
    int most = measure->own.pass > CRAWL_SECONDS  ? CRAWL_PAIRS
               : measure->own.pass > SLOW_SECONDS ? SLOW_PAIRS
                                                  : PAIRS_MOST;

    return measure->options->pairs_min < most ? measure->options->pairs_min
                                              : most;
}

/* The rig spends the time of other processes. */
static bool is_time_left(const struct measure *measure)
{
    double spent = measure->rig ? wall_seconds() - measure->start_wall
                                : cpu_seconds() - measure->start_cpu;

    return spent < measure->options->seconds;
}

/* One pair; which side comes first changes from one to the next. */
static bool time_pair(struct measure *measure, int pair)
{
    struct side *first = pair % 2 == 0 ? &measure->own : &measure->libc;
    struct side *second = pair % 2 == 0 ? &measure->libc : &measure->own;

    return time_sample(measure, first, &first->net[pair]) &&
           time_sample(measure, second, &second->net[pair]);
}

static bool time_pairs(struct measure *measure)
{
    int most = measure->options->pairs_max;
    int least = pairs_min(measure);
    int *pairs = &measure->result->timing.pairs;

    most = most < PAIRS_MOST ? most : PAIRS_MOST;
    while (*pairs < least || (*pairs < most && is_time_left(measure))) {
        if (!time_pair(measure, *pairs))
            return false;
        *pairs += 1;
    }
    return true;
}

/* From the pairs to struct timing. Without glibc there is no ratio: T = 1. */
static void sum_up(struct measure *measure)
{
    struct timing *timing = &measure->result->timing;
    size_t count = (size_t)timing->pairs;
    double ratios[PAIRS_MOST];

    for (size_t i = 0; i < count; i++)
        ratios[i] = measure->libc.net[i] / measure->own.net[i];
    timing->seconds = stats_median(measure->own.net, count);
    timing->speed = 1.0;
    if (measure->libc_fits) {
        timing->libc_seconds = stats_median(measure->libc.net, count);
        timing->speed = stats_median(ratios, count);
        timing->spread = stats_spread(ratios, count);
    }
}

/* --- Cycles ------------------------------------------------------------ */

/* Lower the cycles of each kind to those of a new pass. */
static void keep_fewer(double cycles[CYCLE_KINDS],
                       const uint64_t pass[CYCLE_KINDS])
{
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        cycles[kind] = fmin(cycles[kind], (double)pass[kind]);
}

/* One pass of the stage that counts cycles. */
static bool count_pass(struct measure *measure, double cycles[CYCLE_KINDS])
{
    uint64_t pass[CYCLE_KINDS] = {0};
    double seconds;
    bool is_whole;

    if (!begin_pass(measure, measure->stage, false))
        return false;
    if (measure->rig && measure->stage != &libc_stage)
        is_whole = measure->rig->play(&measure->timed, pass, &seconds);
    else
        is_whole = timed_play_cycles(
            &measure->timed,
            timed_freshen(&measure->timed, measure->timed.steps),
            measure->stage, pass);
    keep_fewer(cycles, pass);
    return end_pass(measure, measure->stage, is_whole);
}

static void count_echo(struct measure *measure, double cycles[CYCLE_KINDS])
{
    uint64_t pass[CYCLE_KINDS] = {0};

    timed_clear(&measure->timed);
    timed_play_cycles(&measure->timed,
                      timed_freshen(&measure->timed, measure->own.echo),
                      &echo_stage, pass);
    keep_fewer(cycles, pass);
}

static void count_calls(const struct trace *trace, double calls[CYCLE_KINDS])
{
    for (size_t i = 0; i < trace->ops_count; i++)
        calls[timed_cycle_kind(trace->ops[i].kind)]++;
}

/*
 * share_cycles - divide the cycles of a pass among the kinds of calls.
 *
 * counted: cycles by kind, from a reading of the counter after each call. The
 * pairs have told the true sum, and the two differ: waiting for the reading,
 * a call hides some cycles of the loop, about as many in each call, which
 * are added again; or calls no longer overlap as they else do, and all shrink
 * alike.
 */
static void share_cycles(struct measure *measure,
                         const double counted[CYCLE_KINDS])
{
    struct timing *timing = &measure->result->timing;
    double calls[CYCLE_KINDS] = {0};
    double pass = timing->seconds * counter_rate(measure);
    double sum = 0.0;

    count_calls(measure->trace, calls);
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        sum += counted[kind];
    double hidden = fmax(0.0, pass - sum) / (double)measure->trace->ops_count;
    double shrink = fmin(1.0, pass / sum);
    for (int kind = 0; kind < CYCLE_KINDS; kind++) {
        if (calls[kind] > 0)
            timing->cycles[kind] =
                shrink * counted[kind] / calls[kind] + hidden;
    }
}

/* Passes that count cycles, of which the fewest cycles are taken. */
static int cycle_passes(const struct side *side)
{
    int repeats = side->repeats < REPEATS ? side->repeats : REPEATS;

    return side->pass > SLOW_SECONDS ? 1 : CYCLE_SAMPLES * repeats;
}

static bool count_cycles(struct measure *measure)
{
    double real[CYCLE_KINDS] = {INFINITY, INFINITY, INFINITY};
    double echo[CYCLE_KINDS] = {INFINITY, INFINITY, INFINITY};
    double counted[CYCLE_KINDS];
    int passes = cycle_passes(&measure->own);

    for (int i = 0; i < passes; i++) {
        if (!count_pass(measure, real))
            return false;
    }
    for (int i = 0; i < passes; i++)
        count_echo(measure, echo);
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        counted[kind] = fmax(0.0, real[kind] - echo[kind]);
    share_cycles(measure, counted);
    return true;
}

/* --- The whole --------------------------------------------------------- */

static size_t log_bytes(const struct measure *measure)
{
    return measure->trace->ops_count * sizeof *measure->verified;
}

static bool open_measure(struct measure *measure)
{
    if (!timed_open(&measure->timed, measure->trace, &measure->result->op))
        return false;
    measure->own.stage = measure->stage;
    measure->own.echo = timed_new_steps(&measure->timed);
    measure->libc.stage = &libc_stage;
    measure->libc.echo = timed_new_steps(&measure->timed);
    measure->libc_fits = true;
    measure->shadow = shadow_new(measure->trace->ids + 1);
    measure->verified = pages_get(log_bytes(measure));
    return measure->own.echo && measure->libc.echo && measure->shadow &&
           measure->verified;
}

static void close_measure(struct measure *measure)
{
    timed_free_steps(&measure->timed, measure->own.echo);
    timed_free_steps(&measure->timed, measure->libc.echo);
    shadow_free(measure->shadow);
    pages_give(measure->verified, log_bytes(measure));
    timed_close(&measure->timed);
}

static bool run_measure(struct measure *measure)
{
    pass_keep_libc_memory();
    measure->start_cpu = cpu_seconds();
    measure->start_wall = wall_seconds();
    measure->start_counter = timed_counter();
    if (!warm_up(measure, &measure->own) || !warm_up(measure, &measure->libc) ||
        !time_pairs(measure))
        return false;
    sum_up(measure);
    if (!count_cycles(measure))
        return false;
    measure->result->utilization = score_utilization(measure->result);
    return true;
}

bool measure_trace(const struct trace *trace, const struct stage *stage,
                   const struct measure_options *options, struct result *result)
{
    struct measure measure = {
        .trace = trace, .stage = stage, .options = options, .result = result};
    bool done = false;

    measure.rig = options->rig;
    result->timing = (struct timing){0};
    if (open_measure(&measure))
        done = run_measure(&measure);
    else
        explain(result, VERDICT_BROKEN, trace, 0,
                "no memory for the measuring itself: %s; close other programs "
                "or replay with -c, which does not measure",
                strerror(errno));
    close_measure(&measure);
    return done;
}
