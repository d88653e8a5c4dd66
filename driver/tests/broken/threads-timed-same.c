/*
 * threads-timed-same.c - sound when checked; timed, two threads share blocks
 * too small for a stamp.
 *
 * options: -s 20
 * trace:
 *   a 0 4
 *   a 1 32
 *   @ 1
 *   f 1
 *   a 2 4
 * message:
 *   threads-timed-same.rep:9: op 4 (malloc 2, 4 bytes) in thread 1 in timed pass 3: the block ADDRESS to ADDRESS overlaps block 0, which is live (ADDRESS to ADDRESS, 4 bytes, allocated at line 5)
 *     replay: ./mdriver -f threads-timed-same.rep --stage ./threads-timed-same.so
 *     when threads meet is left to chance: it may take more than one run
 */
#define MY_INIT
#define MY_MALLOC
#include "threads.h"

static void *last;

int mm_init(void)
{
    pass++;
    last = NULL;
    return 0;
}

void *mm_malloc(size_t size)
{
    void *payload = size == 4 && pass >= TIMED ? last : NULL;

    if (!payload)
        payload = locked_malloc(size);
    if (size == 4)
        last = payload;
    return payload;
}
