/* timed.c - the loop under the clock; see timed.h. */
#include "timed.h"

#include <string.h>
#include <time.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include "libc_stage.h"
#include "pages.h"
#include "timed_call.h"

/* A function that no compiler merges with another that is the same. */
#if __has_attribute(noipa)
#define LOOP_COPY __attribute__((noipa, aligned(4096)))
#else
#define LOOP_COPY __attribute__((noinline, aligned(4096)))
#endif

enum {
    UNLEARN_OP = 4,           /* random branches an operation, but ... */
    UNLEARN_MOST = 64 * 1024, /* so many at most: more make no difference */
};

static const size_t ECHO_MOST = (size_t)1 << 30;  /* addresses of an echo */
static const size_t ECHO_LEAST = (size_t)1 << 24; /* or timed_open fails */
static const size_t STAMP_MOST = (size_t)1
                                 << 20; /* highest offset of a stamp */

uint64_t timed_counter(void)
{
#ifdef __x86_64__
    _mm_lfence();
    return __rdtsc();
#else
    return 0;
#endif
}

/* --- Random numbers ---------------------------------------------------- */

/* A pseudo-random number, by Marsaglia's xorshift. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t random_seed(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec) | 1;
}

/* --- Memory ------------------------------------------------------------ */

static size_t steps_bytes(const struct timed *timed)
{
    return timed->trace->ops_count * sizeof *timed->steps;
}

static size_t log_bytes(const struct timed *timed)
{
    return timed->trace->ops_count * sizeof *timed->log;
}

/* One slot an id, and one for free(NULL). */
static size_t slots_bytes(const struct timed *timed)
{
    return (timed->trace->ids + 1) * sizeof *timed->slots;
}

/* A stamp may be written past the highest address. */
static size_t echo_room(const struct timed *timed)
{
    return timed->echo_bytes + STAMP_MOST + STAMP;
}

static bool is_address_space_left(size_t bytes)
{
    void *probe = pages_get(bytes);

    pages_give(probe, bytes);
    return probe != NULL;
}

/* Where `ulimit -v` limits the address space, leave as much to others. */
static char *echo_new(struct timed *timed)
{
    timed->echo_bytes = ECHO_MOST;
    while (timed->echo_bytes > ECHO_LEAST &&
           !is_address_space_left(2 * echo_room(timed)))
        timed->echo_bytes /= 2;
    return pages_get(echo_room(timed));
}

struct step *timed_new_steps(const struct timed *timed)
{
    return pages_get(steps_bytes(timed));
}

void timed_free_steps(const struct timed *timed, struct step *steps)
{
    pages_give(steps, steps_bytes(timed));
}

/* Stamps differ from pass to pass, or one that an earlier pass left at the
   same address would excuse a realloc that copies nothing. */
void timed_clear(struct timed *timed)
{
    memset(timed->slots, 0, slots_bytes(timed));
    random_next(&timed->stamp);
    timed->wrong = timed->trace->ops_count;
}

/* --- Laying out the steps ---------------------------------------------- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* An offset at which a stamp lies inside the first bytes of a block. */
static uint32_t draw_offset(uint64_t *random, size_t bytes)
{
    size_t most = smaller(bytes - STAMP, STAMP_MOST);

    return (uint32_t)(random_next(random) % (most + 1));
}

/*
 * place_stamp - say whether and where a block of bytes is stamped.
 *
 * next: the size that the next operation reallocates it to, SIZE_MAX when it
 * does not. The stamp of a block that will be moved lies in what must be
 * kept. One that is not read again lies where a program would begin.
 */
static void place_stamp(struct step *step, size_t bytes, size_t next,
                        uint64_t *random)
{
    size_t kept = smaller(bytes, next);
    bool is_drawn = next != SIZE_MAX || step->kind == TRACE_CALLOC;

    step->needs = step->kind != TRACE_FREE && bytes > 0;
    step->stamps = step->kind != TRACE_FREE && bytes >= STAMP;
    if (step->stamps && is_drawn && kept >= STAMP)
        step->stamp_at = draw_offset(random, kept);
}

/* From the last operation to the first, as each has to know the next. */
static void place_stamps(struct timed *timed, size_t *next)
{
    uint64_t random = random_seed();

    timed->stamp = random;
    memset(next, 0xff, slots_bytes(timed)); /* SIZE_MAX */
    for (size_t i = timed->trace->ops_count; i-- > 0;) {
        const struct trace_op *op = &timed->trace->ops[i];
        struct step *step = &timed->steps[i];

        step->size = op->size;
        step->extra = op->extra;
        step->kind = op->kind;
        step->slot =
            op->id == TRACE_NULL_ID ? (int32_t)timed->trace->ids : op->id;
        place_stamp(step, trace_op_bytes(op), next[step->slot], &random);
        next[step->slot] = op->kind == TRACE_REALLOC ? op->size : SIZE_MAX;
    }
}

/* Where the block's stamp is compared when it is freed or moved. */
static void place_checks(struct timed *timed, size_t *last)
{
    memset(last, 0xff, slots_bytes(timed)); /* SIZE_MAX: no block */
    for (size_t i = 0; i < timed->trace->ops_count; i++) {
        struct step *step = &timed->steps[i];
        size_t before = last[step->slot];
        bool is_kept = step->kind == TRACE_FREE ||
                       (step->kind == TRACE_REALLOC && step->size >= STAMP);

        if (before != SIZE_MAX && is_kept) {
            step->checks = timed->steps[before].stamps;
            step->check_at = timed->steps[before].stamp_at;
        }
        last[step->slot] = step->kind == TRACE_FREE ? SIZE_MAX : i;
    }
}

bool timed_open(struct timed *timed, const struct trace *trace,
                volatile size_t *at)
{
    *timed = (struct timed){.trace = trace, .at = at};
    timed->steps = timed_new_steps(timed);
    timed->fresh = timed_new_steps(timed);
    timed->slots = pages_get(slots_bytes(timed));
    timed->log = pages_get(log_bytes(timed));
    timed->echo = echo_new(timed);

    size_t *scratch = pages_get(slots_bytes(timed));
    bool done = timed->steps && timed->fresh && timed->slots && timed->log &&
                timed->echo && scratch;
    if (done) {
        place_stamps(timed, scratch);
        place_checks(timed, scratch);
        timed_clear(timed);
    } else {
        timed_close(timed);
    }
    pages_give(scratch, slots_bytes(timed));
    return done;
}

void timed_close(struct timed *timed)
{
    timed_free_steps(timed, timed->steps);
    timed_free_steps(timed, timed->fresh);
    pages_give(timed->slots, slots_bytes(timed));
    pages_give(timed->log, log_bytes(timed));
    pages_give(timed->echo, echo_room(timed));
}

/* --- What a processor has learnt --------------------------------------- */

void timed_unlearn(const struct timed *timed)
{
    static uint64_t random = 1;
    static volatile unsigned odd; /* or there would be no branch */
    size_t most = UNLEARN_OP * timed->trace->ops_count;

    for (size_t i = 0; i < most && i < UNLEARN_MOST; i++) {
        if (random_next(&random) & 1)
            odd++;
    }
}

const struct step *timed_freshen(const struct timed *timed,
                                 const struct step *steps)
{
    timed_unlearn(timed);
    return memcpy(timed->fresh, steps, steps_bytes(timed));
}

/* --- The echo ---------------------------------------------------------- */

void *timed_echo_address(const struct timed *timed, const void *real)
{
    return real ? timed->echo + ((uintptr_t)real & (timed->echo_bytes - 1))
                : NULL;
}

void timed_make_echo(const struct timed *timed, struct step *steps)
{
    memcpy(steps, timed->steps, steps_bytes(timed));
    for (size_t i = 0; i < timed->trace->ops_count; i++)
        steps[i].size = (size_t)timed_echo_address(timed, timed->log[i]);
}

static void *echo_malloc(size_t address)
{
    return (void *)address;
}

static void echo_free(void *ptr)
{
    (void)ptr;
}

static void *echo_realloc(void *ptr, size_t address)
{
    (void)ptr;
    return (void *)address;
}

static void *echo_with_extra(size_t extra, size_t address)
{
    (void)extra;
    return (void *)address;
}

const struct stage echo_stage = {
    .malloc = echo_malloc,
    .free = echo_free,
    .realloc = echo_realloc,
    .calloc = echo_with_extra,
    .memalign = echo_with_extra,
};

/* --- The loop ---------------------------------------------------------- */

enum cycle_kind timed_cycle_kind(enum trace_kind kind)
{
    static const uint8_t kinds[] = {
        [TRACE_MALLOC] = CYCLES_MALLOC,   [TRACE_CALLOC] = CYCLES_MALLOC,
        [TRACE_MEMALIGN] = CYCLES_MALLOC, [TRACE_REALLOC] = CYCLES_REALLOC,
        [TRACE_FREE] = CYCLES_FREE,
    };

    return kinds[kind];
}

/* Both loops; counts is a constant where this is called, so it costs none. */
static inline __attribute__((always_inline)) bool
play(struct timed *timed, const struct step *steps, const struct stage *stage,
     size_t first, size_t end, bool counts, uint64_t *cycles)
{
    uint64_t then = counts ? timed_counter() : 0;

    for (size_t i = first; i < end; i++) {
        const struct step *step = &steps[i];
        uint64_t stamp = timed->stamp + (uint64_t)step->slot;
        bool is_wrong = false;

        *timed->at = i;
        char *block =
            timed_call(stage, step, timed->slots[step->slot], stamp, &is_wrong);
        if (is_wrong)
            timed->wrong = i;
        timed->slots[step->slot] = block;
        timed->log[i] = block;
        if (step->needs && !block)
            return false;
        if (step->stamps)
            timed_store(block, step->stamp_at, stamp);
        if (counts) {
            uint64_t now = timed_counter();
            cycles[timed_cycle_kind(step->kind)] += now - then;
            then = now;
        }
    }
    return true;
}

/* The same, but a compiler cannot know which it is, and make a loop for it. */
static inline const struct stage *any_of(const struct stage *stage)
{
    __asm__("" : "+r"(stage));
    return stage;
}

/*
 * A copy of the loop for the stage, one for glibc and one for the echo.
 *
 * A processor keeps what it has learnt of a branch by the branch's address, so
 * that in one loop each of the three would play with what the other two have
 * taught. A copy begins a page: it lies alike in all programs that have it.
 */
static LOOP_COPY bool play_stage(struct timed *timed, const struct step *steps,
                                 const struct stage *stage, size_t first,
                                 size_t end)
{
    return play(timed, steps, any_of(stage), first, end, false, NULL);
}

static LOOP_COPY bool play_libc(struct timed *timed, const struct step *steps,
                                const struct stage *stage, size_t first,
                                size_t end)
{
    return play(timed, steps, any_of(stage), first, end, false, NULL);
}

static LOOP_COPY bool play_echo(struct timed *timed, const struct step *steps,
                                const struct stage *stage, size_t first,
                                size_t end)
{
    return play(timed, steps, any_of(stage), first, end, false, NULL);
}

bool timed_play_part(struct timed *timed, const struct step *steps,
                     const struct stage *stage, size_t first, size_t end)
{
    if (stage == &libc_stage)
        return play_libc(timed, steps, stage, first, end);
    if (stage == &echo_stage)
        return play_echo(timed, steps, stage, first, end);
    return play_stage(timed, steps, stage, first, end);
}

bool timed_play(struct timed *timed, const struct step *steps,
                const struct stage *stage)
{
    return timed_play_part(timed, steps, stage, 0, timed->trace->ops_count);
}

bool timed_play_cycles(struct timed *timed, const struct step *steps,
                       const struct stage *stage, uint64_t cycles[CYCLE_KINDS])
{
    return play(timed, steps, stage, 0, timed->trace->ops_count, true, cycles);
}
