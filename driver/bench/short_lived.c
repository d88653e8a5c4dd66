/*
 * short_lived.c - ten thousand threads that do little and end.
 *
 * What a thread's cache costs to set up counts here, and whether what is in
 * it finds its way back: what is lost shows in the peak of memory.
 */
#include "work.h"

enum { AT_ONCE = 4, BLOCKS = 100 };

struct visit {
    uint64_t random;
};

static void *visit(void *arg)
{
    struct visit *visit = arg;
    struct held blocks[BLOCKS];

    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = held_get(random_skewed(&visit->random, 8, 4096),
                             (uint32_t)random_next(&visit->random));
    for (int i = 0; i < BLOCKS; i++)
        held_drop(&blocks[i]);
    return NULL;
}

static void run(const struct task *task)
{
    struct visit visits[AT_ONCE];
    long rounds = task_share(task, 10 * 1000) / AT_ONCE;

    for (long round = 0; round < rounds; round++) {
        for (int i = 0; i < AT_ONCE; i++)
            visits[i].random = (uint64_t)(round * AT_ONCE + i);
        threads_run(AT_ONCE, visit, visits, sizeof(visits[0]));
    }
}

const struct program short_lived_programs[] = {
    {"short-lived", "10,000 threads, 4 at once, 100 blocks each", run, 0,
     false},
    {0},
};
