/*
 * log-ahead.c - says that the last block of a thread was given after the pass
 * had ended.
 *
 * referee: wrong
 * says: has written over the record of its threads
 * trace:
 *   a 0 16
 *   a 1 16
 *   @ 1
 *   a 2 32
 *   a 3 32
 *   a 4 32
 */
#include "speaks.h"

#define MY_MALLOC
#include "../broken/threads.h"

#include <sched.h>

enum { LARGE = 32, LAST = 1, LARGE_ONES = 3, LATER = 1000 };

/* The other thread has played its last operation. */
static bool is_over(void)
{
    const struct event *log = wire_events(the_wire());

    return ((const volatile struct event *)log)[LAST].address != NULL;
}

void *mm_malloc(size_t size)
{
    static _Thread_local int large_ones;

    large_ones += size == LARGE;
    if (large_ones == LARGE_ONES && is_timed()) {
        while (!is_over())
            sched_yield();
        wire_events(the_wire())[LAST].given = LATER;
    }
    return locked_malloc(size);
}
