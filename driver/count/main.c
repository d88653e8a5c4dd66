/*
 * main.c - one pass of a trace, for callgrind to count its instructions.
 *
 * Usage: count LIBRARY|libc TRACE OPS REPORT
 *
 * Run it under `valgrind --tool=callgrind --toggle-collect=count_play
 * --dump-after=count_play`: one dump for each call of count_play. With a stage
 * that is one, the pass. With libc there are two, the pass (after one that is
 * not counted, in which libc gets its memory) and an echo of it: what the loop
 * itself takes, in both (timed.h).
 *
 * Only the first OPS operations are played, in the order of the file by one
 * thread. REPORT gets what a verifier needs, a name and a number a line: ops;
 * whole, 0 when an operation got NULL without need; wrong, the op that found
 * its stamp changed, or ops; align, bytes; heap, where it begins; peak, bytes
 * of footprint. Then the address that each op got, a line each. Numbers are
 * decimal.
 *
 * Exit status: 0, or 2 when it could not do it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "memlib.h"
#include "memlib_sim.h"
#include "pass.h"
#include "timed.h"

/* What callgrind counts; nothing calls it from inside. */
bool count_play(struct timed *timed, const struct step *steps,
                const struct stage *stage);

__attribute__((noinline)) bool count_play(struct timed *timed,
                                          const struct step *steps,
                                          const struct stage *stage)
{
    bool is_whole = timed_play(timed, steps, stage);

    __asm__ volatile("" ::: "memory"); /* or the call would be a jump */
    return is_whole;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "count: %s: %s\n", what, why);
    exit(2);
}

/* The trace cut, all of it one thread's. */
static struct trace *read_trace(const char *path, const char *ops)
{
    struct trace *trace = trace_read(path, stderr);
    size_t most = (size_t)strtoull(ops, NULL, 10);

    if (!trace || (most < trace->ops_count && !trace_cut(trace, most, stderr)))
        exit(2);
    for (size_t i = 0; i < trace->ops_count; i++)
        trace->ops[i].thread = 0;
    trace->threads = 1;
    return trace;
}

/* An era without memalign is asked for plain blocks instead. */
static void fit_trace(struct trace *trace, const struct stage *stage)
{
    for (size_t i = 0; i < trace->ops_count && !stage->memalign; i++) {
        if (trace->ops[i].kind == TRACE_MEMALIGN)
            trace->ops[i].kind = TRACE_MALLOC;
    }
}

static bool play_stage(struct timed *timed, const struct stage *stage)
{
    mem_reset(MEM_WARM);
    return stage->init() && count_play(timed, timed->steps, stage);
}

/* A pass to warm up, the pass, and its echo. */
static bool play_libc(struct timed *timed)
{
    struct step *echo = timed_new_steps(timed);

    pass_keep_libc_memory();
    timed_play(timed, timed->steps, &libc_stage);
    pass_clean_libc(timed->slots, timed->trace->ids + 1);
    timed_clear(timed);
    bool is_whole = count_play(timed, timed->steps, &libc_stage);
    if (is_whole && echo) {
        pass_clean_libc(timed->slots, timed->trace->ids + 1);
        timed_make_echo(timed, echo);
        timed_clear(timed);
        count_play(timed, echo, &echo_stage);
    }
    return is_whole;
}

static void report(FILE *file, const struct timed *timed,
                   const struct stage *stage, bool is_whole)
{
    fprintf(file, "ops %zu\nwhole %d\nwrong %zu\nalign %zu\nheap %zu\n",
            timed->trace->ops_count, is_whole, timed->wrong, stage->alignment,
            (uintptr_t)mem_heap_lo());
    fprintf(file, "peak %zu\n", mem_counts().peak);
    for (size_t i = 0; i < timed->trace->ops_count; i++)
        fprintf(file, "%zu\n", (uintptr_t)timed->log[i]);
    if (fclose(file) != 0)
        fail("the report", "cannot be written");
}

int main(int argc, char **argv)
{
    char why[1024];
    const char *memory_why = "";
    volatile size_t at;
    struct timed timed;

    if (argc != 5)
        fail("usage", "count LIBRARY|libc TRACE OPS REPORT");
    struct trace *trace = read_trace(argv[2], argv[3]);
    FILE *file = fopen(argv[4], "w");
    bool is_libc = strcmp(argv[1], "libc") == 0;
    struct mem_options memory = {.limit = child_limit(trace)};
    if (!file || !mem_open(&memory, &memory_why))
        fail(argv[4], *memory_why ? memory_why : "cannot be written");

    const struct stage *stage =
        is_libc ? &libc_stage : stage_load(argv[1], why, sizeof(why));
    if (!stage)
        fail(argv[1], why);
    fit_trace(trace, stage);
    if (!timed_open(&timed, trace, &at))
        fail(argv[2], "no memory to replay it");
    bool is_whole = is_libc ? play_libc(&timed) : play_stage(&timed, stage);
    report(file, &timed, stage, is_whole);
    return 0;
}
