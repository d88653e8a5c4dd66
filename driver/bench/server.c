/*
 * server.c - a server whose threads die and leave their work to others.
 *
 * Each thread replaces blocks at random on its desk for a while. Then it
 * starts a thread that takes over the desk with all blocks on it, and ends.
 * So nearly every block is freed by a thread that did not allocate it, often
 * when that one is gone.
 *
 * Source: the pattern of Larson and Krishnan, Memory allocation for
 * long-running server applications, ISMM 1998.
 */
#include <pthread.h>
#include <semaphore.h>

#include "work.h"

/* As many threads in all however many there are at a time: to start one takes
 * longer than most of what is measured. */
enum { BLOCKS = 1000, LIVES = 400 };

struct desk {
    struct held blocks[BLOCKS];
    uint64_t random;
    long operations; /* of one life */
    int lives;
};

static sem_t ended;

static void *live(void *arg);

static void life_start(struct desk *desk)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, live, desk) != 0)
        fail("cannot start a thread");
    pthread_detach(thread);
}

static void *live(void *arg)
{
    struct desk *desk = arg;

    for (long i = 0; i < desk->operations; i++) {
        struct held *block = &desk->blocks[random_below(&desk->random, BLOCKS)];

        held_drop(block);
        *block = held_get(10 + random_below(&desk->random, 491),
                          (uint32_t)random_next(&desk->random));
    }
    if (--desk->lives > 0)
        life_start(desk);
    else
        sem_post(&ended);
    return NULL;
}

static void run(const struct task *task)
{
    static struct desk desks[THREADS_MAX];

    sem_init(&ended, 0, 0);
    for (int i = 0; i < task->variant; i++) {
        desks[i].random = (uint64_t)i + 1;
        desks[i].operations = task_share(task, 5000 * 1000) / LIVES;
        desks[i].lives = LIVES / task->variant;
        life_start(&desks[i]);
    }
    for (int i = 0; i < task->variant; i++)
        sem_wait(&ended);
    heap_check(__LINE__);
    for (int i = 0; i < task->variant; i++) {
        for (int b = 0; b < BLOCKS; b++)
            held_drop(&desks[i].blocks[b]);
    }
}

const struct program server_programs[] = {
    {"server-1", "a thread at a time, 400 take over from one another", run, 1,
     false},
    {"server-2", "the same work, 2 threads at a time", run, 2, false},
    {"server-8", "the same work, 8 threads at a time", run, 8, false},
    {0},
};
