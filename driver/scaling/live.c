/* live.c - the cost of a call when many blocks are live; see live.h. */
#include "live.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "pages.h"
#include "random.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define HAS_CALLGRIND true
#else
#define HAS_CALLGRIND false
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_DUMP_STATS_AT(name)
#endif

enum {
    PASSES = 4,   /* the first is not timed */
    CHUNK = 1000, /* pairs between two looks at the clock */
    HOT = 100,    /* blocks replaced again and again in LIVE_HOT */
    PAGE = 4096,
};

static const double PASS_SECONDS = 0.1; /* after which a pass is cut short */
static const size_t ECHO_BYTES = (size_t)1 << 30;

struct pair {
    size_t index; /* of the block that is replaced */
    size_t size;  /* of the new one, bytes; in an echo: its address */
};

/* One series of pairs, and what came of it. */
struct pass {
    struct pair *pairs;
    void **log;   /* the address of each pair's new block */
    size_t count; /* pairs */
};

struct live {
    const struct live_job *job;
    struct sample *sample;
    void **blocks; /* job->blocks live ones */
    uint64_t random;
    struct pass passes[PASSES];
};

/* --- Memory ------------------------------------------------------------ */

static void *must_get(struct live *live, size_t bytes)
{
    void *pages = pages_get(bytes);

    if (!pages)
        sample_fail(live->sample, "no memory for the tables");
    return pages;
}

static size_t blocks_bytes(const struct live *live)
{
    return live->job->blocks * sizeof(*live->blocks);
}

static void passes_open(struct live *live)
{
    for (int i = 0; i < PASSES; i++) {
        struct pass *pass = &live->passes[i];
        size_t pairs = live->job->pairs;

        pass->pairs = must_get(live, pairs * sizeof(*pass->pairs));
        pass->log = must_get(live, pairs * sizeof(*pass->log));
        memset(pass->log, 0, pairs * sizeof(*pass->log)); /* have the pages */
    }
}

/* --- What is drawn ----------------------------------------------------- */

static size_t draw_index(struct live *live, enum live_way way)
{
    size_t blocks = live->job->blocks;

    if (way == LIVE_ANY || blocks < HOT)
        return random_below(&live->random, blocks);
    return random_below(&live->random, HOT) * (blocks / HOT);
}

static void passes_draw(struct live *live, enum live_way way)
{
    for (int i = 0; i < PASSES; i++) {
        struct pass *pass = &live->passes[i];

        pass->count = live->job->pairs;
        for (size_t k = 0; k < pass->count; k++) {
            pass->pairs[k].index = draw_index(live, way);
            pass->pairs[k].size = random_size(&live->random);
        }
    }
}

const char *live_way_name(enum live_way way)
{
    static const char *const names[] = {"any", "hot"};

    return names[way];
}

/* --- The loop ---------------------------------------------------------- */

/* A new block, its first 8 bytes written. */
static inline void *block_new(struct live *live, const struct stage *stage,
                              size_t size)
{
    volatile uint64_t *block = stage->malloc(size);

    if (!block)
        sample_fail(live->sample, "out of memory");
    *block = size;
    return (void *)block;
}

static inline void block_end(const struct stage *stage, void *block)
{
    (void)*(volatile uint64_t *)block;
    stage->free(block);
}

static void pairs_play(struct live *live, const struct stage *stage,
                       const struct pass *pass, size_t from, size_t count)
{
    for (size_t i = from; i < from + count; i++) {
        const struct pair *pair = &pass->pairs[i];
        void **block = &live->blocks[pair->index];

        block_end(stage, *block);
        *block = block_new(live, stage, pair->size);
        pass->log[i] = *block;
    }
}

/* N live blocks, each replaced once in the mean, at random. */
static void live_fill(struct live *live, const struct stage *stage)
{
    size_t blocks = live->job->blocks;

    for (size_t i = 0; i < blocks; i++)
        live->blocks[i] = block_new(live, stage, random_size(&live->random));
    for (size_t i = 0; i < blocks; i++) {
        size_t index = random_below(&live->random, blocks);

        block_end(stage, live->blocks[index]);
        live->blocks[index] =
            block_new(live, stage, random_size(&live->random));
    }
}

static struct live live_open(const struct stage *stage,
                             const struct live_job *job, struct sample *sample)
{
    struct live live = {
        .job = job, .sample = sample, .random = random_start(job->seed)};

    live.blocks = must_get(&live, blocks_bytes(&live));
    passes_open(&live);
    live_fill(&live, stage);
    return live;
}

/* --- The clock --------------------------------------------------------- */

/* Of the thread's clock: that of a process with a time limit moves in ticks. */
static double seconds_used(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Play the pairs of a pass; if that takes too long, as many as there is time
   for, and these are the pass from then on. */
static double pass_time(struct live *live, const struct stage *stage,
                        struct pass *pass)
{
    double start = seconds_used();
    double used = 0;
    size_t played = 0;

    while (played < pass->count && used < PASS_SECONDS) {
        size_t count = smaller(CHUNK, pass->count - played);

        pairs_play(live, stage, pass, played, count);
        played += count;
        used = seconds_used() - start;
    }
    pass->count = played;
    return used * 1e9 / (double)played;
}

/* Play all passes. Returns ns a pair, in the fastest that counts. */
static double passes_time(struct live *live, const struct stage *stage)
{
    double fastest = INFINITY;

    for (int i = 0; i < PASSES; i++) {
        double ns = pass_time(live, stage, &live->passes[i]);

        if (i > 0 && ns < fastest)
            fastest = ns;
    }
    return fastest;
}

/* --- The echo ---------------------------------------------------------- */

/* An allocator that does nothing: the size it is given is the address. */
static void *echo_malloc(size_t address)
{
    return (void *)address;
}

static void echo_free(void *ptr)
{
    (void)ptr;
}

static const struct stage echo_stage = {
    .malloc = echo_malloc,
    .free = echo_free,
};

/* Where the echo of a block lies; its page is touched, so as not to fault. */
static void *echo_of(char *echo, const void *block)
{
    char *moved = echo + ((uintptr_t)block & (ECHO_BYTES - 1));

    *(volatile char *)((uintptr_t)moved & ~(uintptr_t)(PAGE - 1)) = 0;
    return moved;
}

/* The table of live blocks as it is now. */
static void **blocks_copy(struct live *live)
{
    void **copy = must_get(live, blocks_bytes(live));

    return memcpy(copy, live->blocks, blocks_bytes(live));
}

/* Make the pairs echoes, and the live blocks what they were at first. */
static void echo_make(struct live *live, void **blocks_first)
{
    char *echo = must_get(live, ECHO_BYTES + SIZE_MOST);

    for (size_t i = 0; i < live->job->blocks; i++)
        live->blocks[i] = echo_of(echo, blocks_first[i]);
    for (int i = 0; i < PASSES; i++) {
        struct pass *pass = &live->passes[i];

        for (size_t k = 0; k < pass->count; k++)
            pass->pairs[k].size = (size_t)echo_of(echo, pass->log[k]);
    }
}

/* --- What is measured -------------------------------------------------- */

/* Time the stage and the loop in one way. */
static void way_time(struct live *live, const struct stage *stage,
                     enum live_way way)
{
    passes_draw(live, way);
    void **blocks_first = blocks_copy(live);
    live->sample->ns[way] = passes_time(live, stage);

    void **blocks_now = blocks_copy(live);
    echo_make(live, blocks_first);
    live->sample->loop_ns[way] = passes_time(live, &echo_stage);
    memcpy(live->blocks, blocks_now, blocks_bytes(live));
}

void live_time(const struct stage *stage, const void *job,
               struct sample *sample)
{
    struct live live = live_open(stage, job, sample);

    for (enum live_way way = 0; way < LIVE_WAYS; way++)
        way_time(&live, stage, way);
}

/* --- What is counted --------------------------------------------------- */

/* Callgrind is told to count what happens in these two, by their names. */
void *live_counted_malloc(const struct stage *stage, size_t size);
void live_counted_free(const struct stage *stage, void *block);

__attribute__((noinline)) void *live_counted_malloc(const struct stage *stage,
                                                    size_t size)
{
    void *block = stage->malloc(size);

    __asm__ volatile("" ::: "memory"); /* or the call would be a jump */
    return block;
}

__attribute__((noinline)) void live_counted_free(const struct stage *stage,
                                                 void *block)
{
    stage->free(block);
    __asm__ volatile("" ::: "memory");
}

/* As pairs_play, but the calls are counted. */
static void pairs_count(struct live *live, const struct stage *stage,
                        const struct pass *pass)
{
    for (size_t i = 0; i < pass->count; i++) {
        const struct pair *pair = &pass->pairs[i];
        volatile uint64_t *block = live->blocks[pair->index];

        (void)*block;
        live_counted_free(stage, (void *)block);
        block = live_counted_malloc(stage, pair->size);
        if (!block)
            sample_fail(live->sample, "out of memory");
        *block = pair->size;
        live->blocks[pair->index] = (void *)block;
    }
}

/* What the count of a pair has in it that is not the allocator's. */
static void nothing_count(size_t pairs)
{
    for (size_t i = 0; i < pairs; i++) {
        live_counted_free(&echo_stage, NULL);
        live_counted_malloc(&echo_stage, i);
    }
}

bool live_count(const struct stage *stage, const struct live_job *job,
                struct sample *sample)
{
    struct live live = live_open(stage, job, sample);

    CALLGRIND_START_INSTRUMENTATION;
    for (enum live_way way = 0; HAS_CALLGRIND && way < LIVE_WAYS; way++) {
        passes_draw(&live, way);
        pairs_play(&live, stage, &live.passes[0], 0, job->pairs);
        nothing_count(job->pairs);
        CALLGRIND_DUMP_STATS_AT("nothing");
        pairs_count(&live, stage, &live.passes[1]);
        CALLGRIND_DUMP_STATS_AT(live_way_name(way));
    }
    return HAS_CALLGRIND;
}
