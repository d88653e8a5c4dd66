/* threads.c - how many calls a second threads make; see threads.h. */
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "locked.h"
#include "pages.h"
#include "random.h"

enum {
    OWN_BLOCKS = 1000,
    DRAWN = 1 << 15, /* pairs drawn for a thread, which it repeats */
    QUEUE = 1 << 12, /* blocks on the way from one thread to the next */
    BATCH = 1 << 6,  /* pairs between two looks at the others */
    LINE = 64,       /* bytes that processors exchange at once */
};

struct draw {
    uint32_t index; /* of one of OWN_BLOCKS */
    uint32_t size;  /* bytes */
};

/* From the thread that has it to the next: one writes, one reads. */
struct queue {
    _Alignas(LINE) _Atomic size_t written;
    _Alignas(LINE) _Atomic size_t read;
    _Alignas(LINE) void *blocks[QUEUE];
};

struct team;

struct worker {
    _Alignas(LINE) struct team *team;
    struct queue *in;
    struct queue *out;
    struct draw *draws;
    size_t drawn; /* so many have been used */
    size_t calls; /* of malloc and free */
};

struct team {
    const struct threads_job *job;
    const struct stage *stage;
    struct sample *sample;
    pthread_barrier_t start;
    atomic_bool stop;
    struct queue *queues;
    struct worker workers[THREADS_MAX];
};

/* --- Blocks ------------------------------------------------------------ */

static inline const struct draw *draw_next(struct worker *worker)
{
    return &worker->draws[worker->drawn++ % DRAWN];
}

static inline void *block_new(struct worker *worker, size_t size)
{
    volatile uint64_t *block = worker->team->stage->malloc(size);

    if (!block)
        sample_fail(worker->team->sample, "out of memory");
    *block = size;
    return (void *)block;
}

static inline void block_end(struct worker *worker, void *block)
{
    (void)*(volatile uint64_t *)block;
    worker->team->stage->free(block);
}

/* --- Blocks of one's own ----------------------------------------------- */

static void *own_work(void *arg)
{
    struct worker *worker = arg;
    void *blocks[OWN_BLOCKS];

    for (size_t i = 0; i < OWN_BLOCKS; i++)
        blocks[i] = block_new(worker, draw_next(worker)->size);
    pthread_barrier_wait(&worker->team->start);
    while (!atomic_load_explicit(&worker->team->stop, memory_order_relaxed)) {
        for (int i = 0; i < BATCH; i++) {
            const struct draw *draw = draw_next(worker);

            block_end(worker, blocks[draw->index]);
            blocks[draw->index] = block_new(worker, draw->size);
        }
        worker->calls += 2 * BATCH;
    }
    return NULL;
}

/* --- Blocks handed to the next thread ---------------------------------- */

/* Allocate up to a batch. Returns how many; 0 when the queue is full. */
static size_t queue_fill(struct worker *worker)
{
    struct queue *queue = worker->out;
    size_t written =
        atomic_load_explicit(&queue->written, memory_order_relaxed);
    size_t room =
        QUEUE -
        (written - atomic_load_explicit(&queue->read, memory_order_acquire));
    size_t count = room < BATCH ? room : BATCH;

    for (size_t i = 0; i < count; i++)
        queue->blocks[(written + i) % QUEUE] =
            block_new(worker, draw_next(worker)->size);
    atomic_store_explicit(&queue->written, written + count,
                          memory_order_release);
    return count;
}

/* Free up to a batch. Returns how many; 0 when there is none. */
static size_t queue_drain(struct worker *worker)
{
    struct queue *queue = worker->in;
    size_t read = atomic_load_explicit(&queue->read, memory_order_relaxed);
    size_t there =
        atomic_load_explicit(&queue->written, memory_order_acquire) - read;
    size_t count = there < BATCH ? there : BATCH;

    for (size_t i = 0; i < count; i++)
        block_end(worker, queue->blocks[(read + i) % QUEUE]);
    atomic_store_explicit(&queue->read, read + count, memory_order_release);
    return count;
}

static void *handed_work(void *arg)
{
    struct worker *worker = arg;

    pthread_barrier_wait(&worker->team->start);
    while (!atomic_load_explicit(&worker->team->stop, memory_order_relaxed)) {
        size_t calls = queue_fill(worker) + queue_drain(worker);

        if (calls == 0)
            sched_yield();
        worker->calls += calls;
    }
    return NULL;
}

/* --- The team ---------------------------------------------------------- */

static void *must_get(struct team *team, size_t bytes)
{
    void *pages = pages_get(bytes);

    if (!pages)
        sample_fail(team->sample, "no memory for the tables");
    return pages;
}

static void worker_prepare(struct team *team, size_t number)
{
    struct worker *worker = &team->workers[number];
    uint64_t random = random_start(team->job->seed * THREADS_MAX + number);

    worker->team = team;
    worker->out = &team->queues[number];
    worker->in =
        &team->queues[(number + team->job->threads - 1) % team->job->threads];
    worker->draws = must_get(team, DRAWN * sizeof(*worker->draws));
    for (size_t i = 0; i < DRAWN; i++) {
        worker->draws[i].index = (uint32_t)random_below(&random, OWN_BLOCKS);
        worker->draws[i].size = (uint32_t)random_size(&random);
    }
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Start the threads, let them work, and count their calls. */
static void team_work(struct team *team, void *(*work)(void *))
{
    pthread_t threads[THREADS_MAX];
    size_t calls = 0;

    for (size_t i = 0; i < team->job->threads; i++) {
        if (pthread_create(&threads[i], NULL, work, &team->workers[i]) != 0)
            sample_fail(team->sample, "the kernel gives no thread");
    }
    pthread_barrier_wait(&team->start);
    double start = seconds_now();
    usleep((useconds_t)(team->job->seconds * 1e6));
    atomic_store(&team->stop, true);
    for (size_t i = 0; i < team->job->threads; i++) {
        pthread_join(threads[i], NULL);
        calls += team->workers[i].calls;
    }
    team->sample->ops = (double)calls / (seconds_now() - start);
}

const char *threads_way_name(enum threads_way way)
{
    static const char *const names[] = {"own", "handed"};

    return names[way];
}

void threads_time(const struct stage *stage, const void *job,
                  struct sample *sample)
{
    static void *(*const works[])(void *) = {own_work, handed_work};
    static struct team team; /* beyond what a stack need hold */

    team.job = job;
    team.stage = stage->info->thread_safe ? stage : locked_stage(stage);
    team.sample = sample;
    team.queues = must_get(&team, THREADS_MAX * sizeof(*team.queues));
    sample->is_locked = team.stage != stage;
    pthread_barrier_init(&team.start, NULL, (unsigned)team.job->threads + 1);
    for (size_t i = 0; i < team.job->threads; i++)
        worker_prepare(&team, i);
    team_work(&team, works[team.job->way]);
}
