/*
 * test_measure.c - what measure_trace makes of a good allocator, and that it
 * catches each way of being another one when timed.
 *
 * No test looks at how long anything took.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "measure.h"
#include "memlib.h"
#include "memlib_sim.h"
#include "timed.h"

/* --- An allocator that can be spoilt ----------------------------------- */

enum fault {
    GOOD,
    MISALIGNED,      /* 8 bytes off */
    OVERLAPPING,     /* every block at one address */
    POOLED,          /* blocks from an array of its own */
    BEYOND_BREAK,    /* blocks that were never asked of mem_sbrk */
    GUARDS,          /* blocks from the hole below a mapping */
    REFUSING,        /* NULL without need */
    FORGETFUL_MOVE,  /* realloc copies nothing */
    SHORT_MOVE,      /* realloc copies the first 8 bytes */
    DIRTY_CALLOC,    /* calloc zeroes the first 8 bytes */
    SCRIBBLING_FREE, /* free changes the block before it */
    BAD_INIT,        /* mm_init fails */
    WASTEFUL,        /* takes ten times the memory */
};

static enum fault fault;

/* The allocator is good in its first passes passes. */
static int good_passes;
static int passes;

enum { HEADER = 16 };

static bool is_now(enum fault kind)
{
    return fault == kind && passes > good_passes;
}

static bool toy_init(void)
{
    passes++;
    return !is_now(BAD_INIT);
}

/* Blocks between two mappings of a page, where the alignment left a hole. */
static char *guards_take(size_t whole)
{
    static char *next;
    static int pass;

    if (pass != passes) {
        mem_map(1, 1 << 20);
        next = (char *)mem_map(1, 1 << 20) - (1 << 16);
        pass = passes;
    }
    next += whole;
    return next - whole;
}

static char *toy_take(size_t bytes)
{
    static _Alignas(16) char pool[1 << 16];
    size_t whole = HEADER + ((bytes + 15) & ~(size_t)15);

    if (is_now(REFUSING))
        return NULL;
    if (is_now(GUARDS))
        return guards_take(whole);
    if (is_now(POOLED))
        return pool;
    if (is_now(BEYOND_BREAK) && mem_heapsize() > 0)
        return (char *)mem_heap_hi() + 1 + 4096;
    if (is_now(WASTEFUL) && mem_sbrk((intptr_t)(9 * whole)) == (void *)-1)
        return NULL;
    void *start = mem_sbrk((intptr_t)whole);
    if (is_now(OVERLAPPING))
        return mem_heap_lo();
    return start == (void *)-1 ? NULL : start;
}

static void *toy_malloc(size_t bytes)
{
    char *start = bytes <= 1 << 20 ? toy_take(bytes) : NULL;

    if (!start) {
        errno = ENOMEM;
        return NULL;
    }
    *(size_t *)start = bytes;
    return start + HEADER + (is_now(MISALIGNED) ? 8 : 0);
}

static void toy_free(void *ptr)
{
    if (ptr && is_now(SCRIBBLING_FREE))
        memset(mem_heap_lo(), 0x5a,
               (size_t)((char *)ptr - HEADER - (char *)mem_heap_lo()));
}

static void *toy_realloc(void *ptr, size_t bytes)
{
    char *moved = bytes > 0 ? toy_malloc(bytes) : NULL;
    size_t old = ptr ? *(size_t *)((char *)ptr - HEADER) : 0;
    size_t kept = old < bytes ? old : bytes;

    if (is_now(FORGETFUL_MOVE))
        kept = 0;
    if (is_now(SHORT_MOVE) && kept > 8)
        kept = 8;
    if (moved && kept > 0)
        memcpy(moved, ptr, kept);
    return moved;
}

static void *toy_calloc(size_t count, size_t size)
{
    char *block = toy_malloc(count * size);

    if (block)
        memset(block, 0, is_now(DIRTY_CALLOC) ? 8 : count * size);
    return block;
}

static void *toy_memalign(size_t align, size_t size)
{
    return align <= 16 ? toy_malloc(size) : NULL;
}

static const struct mm_info toy_info = {.name = "toy"};

static const struct stage toy = {.info = &toy_info,
                                 .era = "seven",
                                 .alignment = 16,
                                 .init = toy_init,
                                 .malloc = toy_malloc,
                                 .free = toy_free,
                                 .realloc = toy_realloc,
                                 .calloc = toy_calloc,
                                 .memalign = toy_memalign};

/* --- A trace with one of everything ------------------------------------ */

static struct trace_op ops[] = {
    {.kind = TRACE_MALLOC, .line = 5, .id = 0, .size = 100},
    {.kind = TRACE_MALLOC, .line = 6, .id = 1, .size = 4000},
    {.kind = TRACE_CALLOC, .line = 7, .id = 2, .size = 10, .extra = 400},
    {.kind = TRACE_MALLOC, .line = 8, .id = 3, .size = 3},
    {.kind = TRACE_REALLOC, .line = 9, .id = 1, .size = 6000},
    {.kind = TRACE_FREE, .line = 10, .id = TRACE_NULL_ID},
    {.kind = TRACE_FREE, .line = 11, .id = 2},
    {.kind = TRACE_REALLOC, .line = 12, .id = 3, .size = 0},
    {.kind = TRACE_MALLOC, .line = 13, .id = 4, .size = 0},
    {.kind = TRACE_FREE, .line = 14, .id = 1},
    {.kind = TRACE_FREE, .line = 15, .id = 0},
    {.kind = TRACE_MALLOC, .line = 16, .id = 5, .size = 50},
};

static const struct trace trace = {.path = "traces/one.rep",
                                   .name = "one",
                                   .weight = 1,
                                   .ids = 6,
                                   .ops_count = sizeof ops / sizeof ops[0],
                                   .threads = 1,
                                   .ops = ops,
                                   .peak_payload = 100 + 6000 + 4000 + 3,
                                   .peak_op = 4};

static const struct measure_options quick = {3, 3, 0.0, NULL};
static struct result result;

/* Measure the toy with that fault, from the pass after good on. */
static bool measure_toy(enum fault kind, int good)
{
    const char *why;

    cr_assert(mem_open(&(struct mem_options){0}, &why), "%s", why);
    mem_reset(MEM_WARM);
    /* A heap that is not zero, as the first checked pass leaves it. */
    memset(mem_sbrk(1 << 20), 0xa5, 1 << 20);
    fault = kind;
    good_passes = good;
    result = (struct result){.phase = PHASE_TIMED,
                             .peak_payload = trace.peak_payload};
    return measure_trace(&trace, &toy, &quick, &result);
}

static void expect_wrong(const char *text)
{
    cr_assert_eq(result.verdict, VERDICT_WRONG);
    cr_assert(strstr(result.error, text), "\"%s\" is not in \"%s\"", text,
              result.error);
    cr_assert(strstr(result.error, " in timed pass "), "%s", result.error);
}

/* --- A good allocator -------------------------------------------------- */

Test(measure, fills_in_the_timing)
{
    cr_assert(measure_toy(GOOD, 0), "%s", result.error);
    cr_assert_eq(result.timing.pairs, 3);
    cr_assert(result.timing.seconds > 0 && result.timing.libc_seconds > 0);
    cr_assert(result.timing.speed > 0 && isfinite(result.timing.speed));
    cr_assert(result.timing.spread >= 0 && isfinite(result.timing.spread));
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        cr_assert(result.timing.cycles[kind] >= 0 &&
                  isfinite(result.timing.cycles[kind]));
    cr_assert_str_empty(result.error);
    cr_assert(result.pass > 6, "%d passes", result.pass);
}

Test(measure, the_cycles_of_all_calls_are_the_seconds_of_a_pass)
{
    double sum = 0;

    cr_assert(measure_toy(GOOD, 0), "%s", result.error);
    sum = 6 * result.timing.cycles[CYCLES_MALLOC] +
          4 * result.timing.cycles[CYCLES_FREE] +
          2 * result.timing.cycles[CYCLES_REALLOC];
    /* Between the clock rates that processors have. */
    cr_assert(sum > 0.5e9 * result.timing.seconds, "%g", sum);
    cr_assert(sum < 10e9 * result.timing.seconds, "%g", sum);
}

Test(measure, no_pairs_are_timed_beyond_the_most)
{
    struct measure_options options = {1, 4, 1e9, NULL};

    cr_assert(measure_toy(GOOD, 0));
    cr_assert(measure_trace(&trace, &toy, &options, &result));
    cr_assert_eq(result.timing.pairs, 4);
}

/* What is played has just been written, whoever has played the last copy. */
Test(measure, every_pass_plays_a_new_copy_of_its_steps)
{
    size_t bytes = trace.ops_count * sizeof(struct step);
    volatile size_t at;
    struct timed timed;

    cr_assert(timed_open(&timed, &trace, &at));
    struct step *echo = timed_new_steps(&timed);
    timed_make_echo(&timed, echo);
    cr_assert_neq(memcmp(echo, timed.steps, bytes), 0);

    const struct step *played = timed_freshen(&timed, timed.steps);
    cr_expect_neq(played, timed.steps);
    cr_expect_eq(memcmp(played, timed.steps, bytes), 0);
    played = timed_freshen(&timed, echo);
    cr_expect_neq(played, echo);
    cr_expect_eq(memcmp(played, echo, bytes), 0);
    timed_free_steps(&timed, echo);
    timed_close(&timed);
}

Test(measure, libc_against_itself)
{
    struct result libc = {.phase = PHASE_TIMED};

    cr_assert(measure_trace(&trace, &libc_stage, &quick, &libc), "%s",
              libc.error);
    cr_assert(libc.timing.speed > 0);
    cr_assert_eq(libc.peak_footprint, 0);
}

Test(measure, footprint_is_that_of_the_most_wasteful_pass)
{
    size_t honest;

    cr_assert(measure_toy(GOOD, 0), "%s", result.error);
    honest = result.peak_footprint;
    passes = 0;
    cr_assert(measure_toy(WASTEFUL, 4), "%s", result.error);
    cr_assert_eq(result.peak_footprint, 10 * honest);
    cr_assert_float_eq(result.utilization,
                       (double)trace.peak_payload / (double)(10 * honest),
                       1e-12);
}

Test(measure, an_empty_trace_has_nothing_wrong)
{
    struct trace empty = {.path = "empty.rep", .name = "empty", .weight = 1};

    cr_assert(measure_toy(GOOD, 0));
    cr_assert(measure_trace(&empty, &toy, &quick, &result), "%s", result.error);
}

/* Straight from the break, of any size. */
static void *boundless_malloc(size_t bytes)
{
    return mem_sbrk((intptr_t)bytes);
}

/* Let this process grow by no more than bytes of address space. */
static void limit_growth(size_t bytes)
{
    size_t pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");

    cr_assert_eq(fscanf(statm, "%zu", &pages), 1);
    fclose(statm);
    rlim_t limit = pages * mem_pagesize() + bytes;
    cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}), 0);
}

Test(measure, where_glibc_has_no_memory_the_speed_is_1)
{
    const size_t gib = (size_t)1 << 30;
    struct trace_op huge = {.kind = TRACE_MALLOC, .line = 5, .size = 40 * gib};
    struct trace large = trace;
    struct stage boundless = toy;

    large.ops = &huge;
    large.ops_count = 1;
    boundless.malloc = boundless_malloc;
    cr_assert(measure_toy(GOOD, 0));
    mem_set_limit(0);
    limit_growth(20 * gib);
    result = (struct result){.phase = PHASE_TIMED};
    cr_assert(measure_trace(&large, &boundless, &quick, &result), "%s",
              result.error);
    cr_assert_eq(result.timing.pairs, 3);
    cr_assert_float_eq(result.timing.speed, 1.0, 1e-12);
    cr_assert_float_eq(result.timing.libc_seconds, 0.0, 1e-12);
}

/* --- Another behaviour when timed -------------------------------------- */

Test(measure, misaligned)
{
    cr_assert_not(measure_toy(MISALIGNED, 4));
    expect_wrong("is not aligned, expected a multiple of 16");
    expect_wrong("traces/one.rep:5: op 1 (malloc 0, 100 bytes) in timed pass "
                 "5: ");
}

Test(measure, overlapping)
{
    cr_assert_not(measure_toy(OVERLAPPING, 4));
    expect_wrong("overlaps block 0, which is live");
    expect_wrong("100 bytes, allocated at line 5)");
}

Test(measure, from_a_pool_of_its_own)
{
    cr_assert_not(measure_toy(POOLED, 4));
    expect_wrong("outside of what memlib gave");
}

Test(measure, beyond_the_break)
{
    cr_assert_not(measure_toy(BEYOND_BREAK, 4));
    expect_wrong("outside of what memlib gave");
}

Test(measure, from_the_guard_pages_of_a_mapping)
{
    cr_assert_not(measure_toy(GUARDS, 4));
    expect_wrong("10103 bytes are live, expected no more than memlib gave, "
                 "8192");
}

Test(measure, null_without_need)
{
    cr_assert_not(measure_toy(REFUSING, 4));
    expect_wrong("NULL without need");
}

Test(measure, realloc_that_copies_nothing)
{
    cr_assert_not(measure_toy(FORGETFUL_MOVE, 4));
    expect_wrong("have changed, expected what was written to the block when "
                 "it was given, also after realloc");
    expect_wrong(":9: op 5 (realloc 1, 6000 bytes)");
}

Test(measure, realloc_that_copies_too_little)
{
    cr_assert_not(measure_toy(SHORT_MOVE, 4));
    expect_wrong("also after realloc");
}

Test(measure, calloc_that_zeroes_too_little)
{
    cr_assert_not(measure_toy(DIRTY_CALLOC, 4));
    expect_wrong("are not zero, expected all of a calloc's to be");
}

Test(measure, free_that_writes_to_live_blocks)
{
    cr_assert_not(measure_toy(SCRIBBLING_FREE, 4));
    expect_wrong("have changed, expected what was written");
}

Test(measure, init_that_fails_the_second_time)
{
    cr_assert_not(measure_toy(BAD_INIT, 4));
    expect_wrong("mm_init");
}

Test(measure, out_of_memory_is_told_from_refusing)
{
    cr_assert(measure_toy(GOOD, 0));
    mem_set_limit(4096);
    result = (struct result){.phase = PHASE_TIMED};
    cr_assert_not(measure_trace(&trace, &toy, &quick, &result));
    cr_assert_eq(result.verdict, VERDICT_NO_MEMORY);
    cr_assert(strstr(result.error, "out of memory: asked for 4000 bytes"), "%s",
              result.error);
}
