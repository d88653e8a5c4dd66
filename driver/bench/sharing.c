/*
 * sharing.c - does an allocator give two threads parts of one cache line?
 *
 * Then each write of one thread takes the line from the other, and the
 * program crawls. Actively: two threads that allocate at the same time get
 * neighbours. Passively: a thread frees a block that lies beside another's,
 * and gets it again.
 *
 * Source: the two checks of Berger, McKinley, Blumofe and Wilson, Hoard,
 * ASPLOS 2000.
 */
#include "work.h"

enum { SIZE = 8, WRITES = 1000 };

struct writer {
    struct held given; /* freed first; none in the active check */
    long rounds;
    uint32_t mark;
};

static void *work(void *arg)
{
    struct writer *writer = arg;

    held_drop(&writer->given);
    for (long round = 0; round < writer->rounds; round++) {
        struct held block = held_get(SIZE, writer->mark);
        volatile unsigned char *byte = (unsigned char *)block.ptr + SIZE - 2;

        *byte = 0;
        for (int i = 0; i < WRITES; i++)
            (*byte)++;
        if (*byte != WRITES % 256)
            fail("a byte counted to %d, expected %d", *byte, WRITES % 256);
        held_drop(&block);
    }
    return NULL;
}

static void run(const struct task *task, int threads, bool passive)
{
    struct writer writers[THREADS_MAX];

    for (int i = 0; i < threads; i++) {
        writers[i] =
            (struct writer){.rounds = task_share(task, 150 * 1000) / threads,
                            .mark = (uint32_t)i + 1};
        if (passive)
            writers[i].given = held_get(SIZE, writers[i].mark);
    }
    threads_run(threads, work, writers, sizeof(writers[0]));
}

static void run_active(const struct task *task)
{
    run(task, task->variant, false);
}

static void run_passive(const struct task *task)
{
    run(task, task->variant, true);
}

const struct program sharing_programs[] = {
    {"sharing-active", "2 threads write to blocks of their own", run_active, 2,
     false},
    {"sharing-passive", "2 threads free neighbours, then the same", run_passive,
     2, false},
    {0},
};
