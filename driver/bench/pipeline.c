/*
 * pipeline.c - producers and consumers: all blocks are freed by a thread that
 * did not allocate them, and the memory has to find its way back.
 *
 * Blocks travel in crates of a hundred, each a block itself, so that the lock
 * of the belt they travel on costs little.
 */
#include <pthread.h>

#include "work.h"

enum { CRATE = 100, BELT = 32 };

struct crate {
    struct held blocks[CRATE];
};

/* A bounded queue of crates. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t has_room;
    pthread_cond_t has_crates;
    struct crate *crates[BELT];
    unsigned taken; /* ever */
    unsigned put;   /* ever */
} belt = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .has_room = PTHREAD_COND_INITIALIZER,
          .has_crates = PTHREAD_COND_INITIALIZER};

static void belt_put(struct crate *crate)
{
    pthread_mutex_lock(&belt.lock);
    while (belt.put - belt.taken == BELT)
        pthread_cond_wait(&belt.has_room, &belt.lock);
    belt.crates[belt.put++ % BELT] = crate;
    pthread_cond_signal(&belt.has_crates);
    pthread_mutex_unlock(&belt.lock);
}

static struct crate *belt_take(void)
{
    pthread_mutex_lock(&belt.lock);
    while (belt.put == belt.taken)
        pthread_cond_wait(&belt.has_crates, &belt.lock);
    struct crate *crate = belt.crates[belt.taken++ % BELT];
    pthread_cond_signal(&belt.has_room);
    pthread_mutex_unlock(&belt.lock);
    return crate;
}

struct worker {
    bool produces;
    bool mixes; /* sizes */
    long crates;
    uint64_t random;
};

static void produce(struct worker *worker)
{
    struct crate *crate = get(sizeof(*crate));

    for (int i = 0; i < CRATE; i++) {
        uint64_t random = random_next(&worker->random);
        size_t size = worker->mixes ? random_skewed(&random, 8, 8192) : 64;

        crate->blocks[i] = held_get(size, (uint32_t)random);
    }
    belt_put(crate);
}

static void consume(void)
{
    struct crate *crate = belt_take();

    for (int i = 0; i < CRATE; i++)
        held_drop(&crate->blocks[i]);
    free(crate);
}

static void *work(void *arg)
{
    struct worker *worker = arg;

    for (long i = 0; i < worker->crates; i++) {
        if (worker->produces)
            produce(worker);
        else
            consume();
    }
    return NULL;
}

static void run(const struct task *task, bool mixes)
{
    struct worker workers[THREADS_MAX];
    long crates = task_share(task, mixes ? 20 * 1000 : 40 * 1000);

    for (int i = 0; i < task->variant; i++)
        workers[i] = (struct worker){.produces = i % 2 == 0,
                                     .mixes = mixes,
                                     .crates = crates / (task->variant / 2),
                                     .random = (uint64_t)i};
    threads_run(task->variant, work, workers, sizeof(workers[0]));
}

static void run_even(const struct task *task)
{
    run(task, false);
}

static void run_mixed(const struct task *task)
{
    run(task, true);
}

const struct program pipeline_programs[] = {
    {"pipeline-1", "1 producer, 1 consumer, blocks of 64 bytes", run_even, 2,
     false},
    {"pipeline-4", "4 producers, 4 consumers, blocks of 64 bytes", run_even, 8,
     false},
    {"pipeline-mixed", "1 producer, 1 consumer, 8 bytes to 8 KiB", run_mixed, 2,
     false},
    {0},
};
