/*
 * live_set.c - a large set of live blocks, of which one at random is replaced
 * by one of another size, again and again.
 *
 * The set is larger than the caches, and its blocks lie all over: what counts
 * is how much memory an allocator has to touch for a malloc and a free, and
 * how well freed places fit what is asked for next.
 */
#include "work.h"

enum { SLOTS_MAX = 1 << 17 };

/* What sets apart the programs of this file. */
struct kind {
    size_t (*size)(uint64_t *random);
    size_t slots;    /* of one thread */
    long operations; /* of all threads together */
};

static size_t size_mixed(uint64_t *random)
{
    return 16 + random_below(random, 1009);
}

static size_t size_skewed(uint64_t *random)
{
    return random_skewed(random, 8, 32 * 1024);
}

/* Up to 1 MiB, small ones as often as large ones. */
static size_t size_any(uint64_t *random)
{
    size_t ceiling = (size_t)1 << random_below(random, 21);

    return 1 + random_below(random, ceiling);
}

static const struct kind mixed = {size_mixed, SLOTS_MAX, 1500 * 1000};
static const struct kind skewed = {size_skewed, SLOTS_MAX, 1500 * 1000};
static const struct kind stress = {size_any, 1000, 400 * 1000};
static const struct kind small = {size_skewed, 4096, 4000 * 1000};

/* One thread's part. */
struct part {
    const struct kind *kind;
    struct held *slots;
    size_t count;
    long operations;
    uint64_t random;
};

static void *work(void *arg)
{
    struct part *part = arg;

    for (long i = 0; i < part->operations; i++) {
        struct held *slot =
            &part->slots[random_below(&part->random, part->count)];

        held_drop(slot);
        *slot = held_get(part->kind->size(&part->random), (uint32_t)i);
        held_touch(slot);
    }
    heap_check(__LINE__);
    for (size_t i = 0; i < part->count; i++)
        held_drop(&part->slots[i]);
    return NULL;
}

static void run(const struct kind *kind, const struct task *task)
{
    static struct held slots[SLOTS_MAX];
    struct part parts[THREADS_MAX];
    size_t count = kind->slots;

    for (int i = 0; i < task->variant; i++)
        parts[i] = (struct part){
            .kind = kind,
            .slots = slots + (size_t)i * count,
            .count = count,
            .operations = task_share(task, kind->operations / task->variant),
            .random = (uint64_t)i + 1};
    if (task->variant == 1)
        work(&parts[0]);
    else
        threads_run(task->variant, work, parts, sizeof(parts[0]));
}

static void run_mixed(const struct task *task)
{
    run(&mixed, task);
}

static void run_skewed(const struct task *task)
{
    run(&skewed, task);
}

static void run_stress(const struct task *task)
{
    run(&stress, task);
}

static void run_own(const struct task *task)
{
    run(&small, task);
}

const struct program live_set_programs[] = {
    {"mixed", "131072 live blocks of 16 to 1024 bytes", run_mixed, 1, false},
    {"skewed", "131072 live blocks, most small, some of 32 KiB", run_skewed, 1,
     false},
    {"stress", "1000 live blocks of 1 byte to 1 MiB", run_stress, 1, false},
    {"own-1", "4096 live blocks a thread; 1 thread", run_own, 1, false},
    {"own-2", "the same work, shared out to 2 threads", run_own, 2, false},
    {"own-8", "the same work, shared out to 8 threads", run_own, 8, false},
    {0},
};
