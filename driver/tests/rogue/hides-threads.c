/*
 * hides-threads.c - dies in a timed pass of all threads, of which it says that
 * one stands at an operation that does not exist. The other is told all the
 * same.
 *
 * referee: crash
 * says: in the stage at that time: op 3 (malloc 1, 32 bytes)
 * trace:
 *   a 0 16
 *   f 0
 *   @ 1
 *   a 1 32
 *   f 1
 */
#include "speaks.h"

#define MY_MALLOC
#include "../broken/threads.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

enum { SMALL = 16, LARGE = 32 };

static _Atomic bool is_inside; /* the other thread */

static void die(void)
{
    while (!atomic_load(&is_inside))
        sched_yield();
    my_seat()->crew.lanes[0].at = (size_t)1 << 40;
    kill(getpid(), SIGKILL);
}

void *mm_malloc(size_t size)
{
    if (is_timed() && size == SMALL)
        die();
    while (is_timed() && size == LARGE) {
        atomic_store(&is_inside, true);
        sched_yield();
    }
    return locked_malloc(size);
}
