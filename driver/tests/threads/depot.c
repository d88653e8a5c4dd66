/*
 * depot.c - stage 7: a depot keeps more chains once threads have met at its
 * lock.
 *
 * Built with -fsanitize=thread by threads.test. Frees as many slots of one
 * class as fill a thread's two chains and the depot that has grown, once before
 * any meeting and once after; exits 0 when the depot has kept what it should, 1
 * after a line that says what it kept.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memlib_sim.h"
#include "mm.h"

enum {
    SIZE = 7000, /* of slots of 7168 bytes, which no free block has */
    SLOT = 7168,
    CHAIN = 2,
    MEETINGS = 4,
    KEPT = 1, /* the last empty slab of the class */
    ALONE = (1 + 1 + 1) * CHAIN,
    GROWN = ALONE + MEETINGS * CHAIN,
};

/* The locks are held; and the guest, a thread, is on its way to one of them. */
static bool is_held, is_coming;
static pid_t guest;

static void await(const bool *flag)
{
    while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
        usleep(1000);
}

static void set(bool *flag)
{
    __atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

/* Wait until the guest sleeps, which it does for nothing but the lock. */
static void await_guest(void)
{
    char path[64], line[128] = "";

    set(&is_held);
    await(&is_coming);
    snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)guest);
    while (strncmp(line, "State:\tS", 8) != 0) {
        FILE *file = fopen(path, "r");

        usleep(1000);
        while (file && fgets(line, sizeof line, file) &&
               strncmp(line, "State:", 6) != 0)
            ;
        if (file)
            fclose(file);
    }
}

/* The first call takes the lock of the class. */
static void *come(void *blocks)
{
    await(&is_held);
    guest = (pid_t)syscall(SYS_gettid);
    set(&is_coming);
    for (int i = 0; i < CHAIN + 1; i++)
        ((void **)blocks)[i] = mm_malloc(SIZE);
    return NULL;
}

/* The first extent: every lock is held meanwhile. */
static void hold(const struct mm_extent *extent, void *is_done)
{
    (void)extent;
    if (!*(bool *)is_done)
        await_guest();
    *(bool *)is_done = true;
}

static void meet(void)
{
    void *blocks[CHAIN + 1];
    bool is_done = false;
    pthread_t thread;

    is_held = is_coming = false;
    if (pthread_create(&thread, NULL, come, blocks) != 0)
        exit(2);
    mm_walk(hold, &is_done);
    pthread_join(thread, NULL);
    for (int i = 0; i < CHAIN + 1; i++)
        mm_free(blocks[i]);
}

static void count(const struct mm_extent *extent, void *slots)
{
    *(int *)slots += extent->use == MM_FREE && extent->bytes == SLOT;
}

/* Free so many slots in a row: how many are still slots afterwards? */
static int kept(void)
{
    void *blocks[GROWN];
    int slots = 0;

    for (int i = 0; i < GROWN; i++)
        blocks[i] = mm_malloc(SIZE);
    for (int i = 0; i < GROWN; i++)
        mm_free(blocks[i]);
    mm_walk(count, &slots);
    return slots;
}

static void expect(const char *when, int slots, int least, int most)
{
    if (slots >= least && slots <= most)
        return;
    printf("%s: %d slots are kept, expected %d to %d\n", when, slots, least,
           most);
    exit(1);
}

int main(void)
{
    struct mem_options memory = {.limit = (size_t)64 << 20};
    const char *why;

    if (!mem_open(&memory, &why) || mm_init() != 0)
        return 2;
    expect("alone", kept(), ALONE, ALONE + KEPT);
    for (int i = 0; i < MEETINGS; i++)
        meet();
    expect("after meetings", kept(), GROWN, GROWN + KEPT);
    return 0;
}
