/*
 * work.h - what the benchmark programs share.
 *
 * A program works through the plain API of malloc(3) alone, so that any
 * allocator can be preloaded under it. Its work is fixed: seeded, and equal
 * under all allocators. What it stores it reads back and compares, so an
 * allocator that gives a block twice or loses bytes fails it.
 */
#ifndef WORK_H
#define WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How a program is run. */
struct task {
    int variant; /* what sets apart programs with the same code: a size in
                    bytes, a number of threads; see their tables */
    int percent; /* of the full work */
};

struct program {
    const char *name; /* NULL ends a table */
    const char *about;
    void (*run)(const struct task *task);
    int variant;
    bool is_figure; /* it prints figures of its own; its time means nothing */
};

/* One table a file. */
extern const struct program one_size_programs[];
extern const struct program batch_programs[];
extern const struct program fresh_programs[];
extern const struct program live_set_programs[];
extern const struct program vector_programs[];
extern const struct program zeroed_programs[];
extern const struct program tree_programs[];
extern const struct program text_programs[];
extern const struct program server_programs[];
extern const struct program pipeline_programs[];
extern const struct program sharing_programs[];
extern const struct program short_lived_programs[];
extern const struct program phase_programs[];

/* So much of the full number of operations, at least 1. */
static inline long task_share(const struct task *task, long operations)
{
    long share = operations * task->percent / 100;

    return share > 0 ? share : 1;
}

/* Say what is wrong, and exit with status 1. */
void fail(const char *format, ...)
    __attribute__((noreturn, cold, format(printf, 1, 2)));

/*
 * Call the checker of a stage that is linked in, as it is in the debug build,
 * and fail if it finds something; otherwise nothing. Programs call it when
 * their heap is at its fullest.
 */
void heap_check(int line);

/* --- Threads ---------------------------------------------------------- */

enum { THREADS_MAX = 8 };

/* Run body(items + i * bytes) for i below count, each in a thread. */
void threads_run(int count, void *(*body)(void *), void *items, size_t bytes);

/* --- Random numbers --------------------------------------------------- */

/* Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators,
 * OOPSLA 2014 (SplitMix64). Any state will do as a seed. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* Below limit, a number up to 2^32. */
static inline size_t random_below(uint64_t *state, size_t limit)
{
    return (size_t)((random_next(state) >> 32) * limit >> 32);
}

/* From low up to high, mostly near low: below each power of two half as much
 * again as below the next. */
static inline size_t random_skewed(uint64_t *state, size_t low, size_t high)
{
    size_t ceiling = low;

    while (ceiling < high && random_next(state) % 3 != 0)
        ceiling *= 2;
    if (ceiling > high)
        ceiling = high;
    return low + random_below(state, ceiling - low + 1);
}

/* Put indices 0 to count - 1 in a random order. */
static inline void random_order(uint64_t *state, uint32_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t j = random_below(state, i + 1);

        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
}

/* --- Blocks that are verified ----------------------------------------- */

/* A block with its mark in its first bytes and its last. */
struct held {
    char *ptr;
    uint32_t size; /* bytes, at least 1 */
    uint32_t mark; /* no two blocks of a program that live at once share it */
};

static inline void *get(size_t size)
{
    void *ptr = malloc(size);

    if (!ptr)
        fail("malloc(%zu) gave NULL", size);
    return ptr;
}

static inline void held_mark(const struct held *held)
{
    held->ptr[held->size - 1] = (char)held->mark;
    if (held->size > sizeof(held->mark))
        memcpy(held->ptr, &held->mark, sizeof(held->mark));
    else
        held->ptr[0] = (char)held->mark;
}

static inline bool held_is_marked(const struct held *held)
{
    uint32_t first = held->mark;

    if (held->size > sizeof(first))
        memcpy(&first, held->ptr, sizeof(first));
    return first == held->mark && held->ptr[0] == (char)held->mark &&
           held->ptr[held->size - 1] == (char)held->mark;
}

static inline struct held held_get(size_t size, uint32_t mark)
{
    struct held held = {get(size), (uint32_t)size, mark};

    held_mark(&held);
    return held;
}

/* Write a byte to every page between the marks: a block that is in use has
 * its pages. */
static inline void held_touch(const struct held *held)
{
    enum { PAGE = 4096 };

    for (size_t at = PAGE; at < held->size - 1; at += PAGE)
        held->ptr[at] = (char)held->mark;
}

static inline void held_verify(const struct held *held)
{
    if (!held_is_marked(held))
        fail("a block of %u bytes at %p has lost what was written to it: "
             "the allocator gave the bytes to someone else, or wrote there",
             held->size, (void *)held->ptr);
}

/* Verify and free; nothing if it holds no block. */
static inline void held_drop(struct held *held)
{
    if (!held->ptr)
        return;
    held_verify(held);
    free(held->ptr);
    held->ptr = NULL;
}

#endif
