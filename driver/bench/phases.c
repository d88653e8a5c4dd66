/*
 * phases.c - load that rises and falls, and what is left of the memory then.
 *
 * A fall is measured in resident memory: at the peak, right after the blocks
 * are freed, and after a second in which the program goes on with little.
 * What share of the freed bytes is back with the system is printed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

enum { BLOCKS_MAX = 1 << 19, FALL_BYTES = 200 << 20 };

static struct held blocks[BLOCKS_MAX];
static uint32_t order[BLOCKS_MAX];

/* --- Rise and fall ---------------------------------------------------- */

/* Have count blocks more, of 16 to high bytes, from blocks[first]. Returns
 * their bytes. */
static size_t rise(uint32_t first, uint32_t count, size_t high,
                   uint64_t *random)
{
    size_t bytes = 0;

    for (uint32_t i = first; i < first + count; i++) {
        size_t size = 16 + random_below(random, high - 15);

        blocks[i] = held_get(size, i);
        memset(blocks[i].ptr + sizeof(blocks[i].mark), (int)i,
               size - sizeof(blocks[i].mark));
        bytes += size;
    }
    return bytes;
}

/* Free blocks[order[i]] for i below count. */
static void fall(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        held_drop(&blocks[order[i]]);
}

static void run_phases(const struct task *task)
{
    uint32_t count = (uint32_t)task_share(task, 100 * 1000);
    uint64_t random = 1;

    random_order(&random, order, count);
    for (int phase = 0; phase < 5; phase++) {
        rise(0, count, 1024, &random);
        heap_check(__LINE__);
        fall(count);
    }
}

/* --- What comes back -------------------------------------------------- */

/* KiB of this process in memory. Allocates nothing. */
static long resident(void)
{
    char text[128] = "";
    long pages;
    int file = open("/proc/self/statm", O_RDONLY);

    if (file < 0 || read(file, text, sizeof(text) - 1) < 0 ||
        sscanf(text, "%*d %ld", &pages) != 1)
        fail("cannot read /proc/self/statm");
    close(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* A second of little work, in a full run: 1000 times a few blocks, and a
 * rest. */
static void be_active(long times, size_t high, uint64_t *random)
{
    struct held few[16] = {{0}};

    for (long i = 0; i < times; i++) {
        for (uint32_t b = 0; b < 16; b++) {
            held_drop(&few[b]);
            few[b] = held_get(16 + random_below(random, high - 15), b);
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
    }
    for (int b = 0; b < 16; b++)
        held_drop(&few[b]);
}

/* What share of so many KiB, freed at a peak, is back, in percent. */
static double share_back(long peak, long now, size_t freed)
{
    return 100.0 * (double)(peak - now) / (double)freed;
}

/*
 * Blocks of up to so many bytes. The first twentieth is kept, and the last
 * hundredth: others were there before, and new ones have come.
 */
static void run_fall(const struct task *task)
{
    size_t high = (size_t)task->variant;
    uint32_t count =
        (uint32_t)task_share(task, FALL_BYTES / (task->variant / 2));
    uint32_t first = count / 20;
    uint32_t going = count - first - count / 100;
    uint64_t random = 1;

    rise(0, first, high, &random);
    size_t freed = rise(first, going, high, &random) / 1024;
    rise(first + going, count - first - going, high, &random);
    for (uint32_t i = 0; i < count; i++)
        order[i] = (first + i) % count;

    long peak = resident();
    fall(going);
    long after = resident();
    be_active(task_share(task, 1000), high, &random);
    long later = resident();
    printf("figure peak_kib %ld\n", peak);
    printf("figure back_at_once %.1f\n", share_back(peak, after, freed));
    printf("figure back_later %.1f\n", share_back(peak, later, freed));
    fall(count);
}

const struct program phase_programs[] = {
    {"phases", "5 times 100,000 blocks to 1 KiB, freed at random", run_phases,
     0, false},
    {"fall", "what comes back of blocks to 1 KiB", run_fall, 1024, true},
    {"fall-large", "what comes back of blocks to 1 MiB", run_fall, 1 << 20,
     true},
    {0},
};
