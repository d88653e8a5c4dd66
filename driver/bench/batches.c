/*
 * batches.c - many blocks of one size, then all of them freed in some order.
 *
 * First to last is what queues do, last to first what stacks do, and at random
 * what nearly everything else does.
 */
#include "work.h"

enum order { FIFO, LIFO, RANDOM };

enum { BATCH = 4000, SIZE = 64 };

static struct held blocks[BATCH];
static uint32_t freed[BATCH]; /* freed first to last */

static void choose_order(enum order order)
{
    uint64_t random = 1;

    random_order(&random, freed, BATCH);
    for (uint32_t i = 0; i < BATCH && order != RANDOM; i++)
        freed[i] = order == FIFO ? i : BATCH - 1 - i;
}

static void run(const struct task *task)
{
    long rounds = task_share(task, 3000);

    choose_order((enum order)task->variant);
    for (long round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < BATCH; i++)
            blocks[i] = held_get(SIZE, i);
        for (uint32_t i = 0; i < BATCH; i++)
            held_drop(&blocks[freed[i]]);
    }
}

const struct program batch_programs[] = {
    {"fifo", "4000 blocks of 64 bytes, freed first to last", run, FIFO, false},
    {"lifo", "the same, freed last to first", run, LIFO, false},
    {"random", "the same, freed at random", run, RANDOM, false},
    {0},
};
