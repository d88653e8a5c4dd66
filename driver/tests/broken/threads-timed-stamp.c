/*
 * threads-timed-stamp.c - sound when checked; timed, a free by another thread
 * writes into the block given first.
 *
 * options: -s 20
 * trace:
 *   a 0 64
 *   a 1 32
 *   @ 1
 *   f 1
 *   a 2 64
 *   @ 0
 *   f 2
 *   f 0
 * message:
 *   threads-timed-stamp.rep:12: op 6 (free 0) in thread 0 in timed pass 3: payload bytes 0 to 7 have changed, expected what was written to the block when it was given
 *     replay: ./mdriver -f threads-timed-stamp.rep --stage ./threads-timed-stamp.so
 *     when threads meet is left to chance: it may take more than one run
 */
#define MY_INIT
#define MY_MALLOC
#define MY_FREE
#include "threads.h"

static void *first;

int mm_init(void)
{
    pass++;
    first = NULL;
    return 0;
}

void *mm_malloc(size_t size)
{
    void *payload = locked_malloc(size);

    if (!first)
        first = payload;
    return payload;
}

void mm_free(void *ptr)
{
    if (is_remote(ptr) && pass >= TIMED)
        memset(first, 0, 8);
    locked_free(ptr);
}
