/*
 * threads-timed-alone.c - gives a misaligned block when its threads have fewer
 * processors than before: which they have when timed, and else not.
 *
 * options: -s 20
 * trace:
 *   a 0 64
 *   @ 1
 *   f 0
 * message:
 *   threads-timed-alone.rep:5: op 1 (malloc 0, 64 bytes) in thread 0 in timed pass 3: the block at ADDRESS is not aligned, expected a multiple of 16
 *     replay: ./mdriver -f threads-timed-alone.rep --stage ./threads-timed-alone.so
 *     when threads meet is left to chance: it may take more than one run
 */
#define _GNU_SOURCE
#include <sched.h>

#define MY_INIT
#define MY_MALLOC
#include "threads.h"

static int processors, most;

int mm_init(void)
{
    cpu_set_t set;

    sched_getaffinity(0, sizeof set, &set);
    pass++;
    processors = CPU_COUNT(&set);
    most = processors > most ? processors : most;
    return base_init();
}

void *mm_malloc(size_t size)
{
    char *payload = locked_malloc(size + 8);

    return payload && processors < most ? payload + 8 : payload;
}
