/*
 * zeroed.c - calloc: the blocks must be zero, also where others were before.
 */
#include "work.h"

enum { SLOTS = 4096 };

static struct held slots[SLOTS];

static void expect_zero(const char *block, size_t size)
{
    for (size_t i = 0; i < size; i += i + 16 < size ? 16 : 1) {
        if (block[i] != 0)
            fail("byte %zu of calloc(1, %zu) is 0x%02x, expected 0", i, size,
                 (unsigned char)block[i]);
    }
}

/* A block that is zero, then marked. */
static struct held zeroed_get(size_t size, uint32_t mark)
{
    struct held held = {calloc(1, size), (uint32_t)size, mark};

    if (!held.ptr)
        fail("calloc(1, %zu) gave NULL", size);
    expect_zero(held.ptr, size);
    memset(held.ptr, (int)(mark | 1), size);
    held_mark(&held);
    return held;
}

static void replace(size_t live, size_t low, size_t high, long operations)
{
    uint64_t random = 1;

    for (long i = 0; i < operations; i++) {
        struct held *slot = &slots[random_below(&random, live)];

        held_drop(slot);
        *slot = zeroed_get(random_skewed(&random, low, high), (uint32_t)i);
    }
    heap_check(__LINE__);
    for (size_t i = 0; i < live; i++)
        held_drop(&slots[i]);
}

static void run_small(const struct task *task)
{
    replace(SLOTS, 8, 4096, task_share(task, 3000 * 1000));
}

static void run_large(const struct task *task)
{
    replace(16, 128 * 1024, 1024 * 1024, task_share(task, 4000));
}

const struct program zeroed_programs[] = {
    {"calloc", "4096 live blocks of 8 bytes to 4 KiB, zeroed", run_small, 0,
     false},
    {"calloc-large", "16 live blocks of 128 KiB to 1 MiB, zeroed", run_large, 0,
     false},
    {0},
};
