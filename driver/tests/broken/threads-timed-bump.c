/*
 * threads-timed-bump.c - reuses memory when checked, but not when timed: more
 * than twice the footprint, and half of what it then holds is counted.
 *
 * options: -s 60
 * trace:
 *   @ 1
 *   a 10 16
 *   @ 0
 *   a 0 1000
 *   f 0
 *   a 1 1000
 *   f 1
 *   a 2 1000
 *   f 2
 *   a 3 1000
 *   f 3
 *   a 4 1000
 *   f 4
 *   a 5 1000
 *   f 5
 *   a 6 1000
 *   f 6
 *   a 7 1000
 *   f 7
 *   a 8 1000
 *   f 8
 *   a 9 1000
 *   f 9
 * valid: 5136
 */
#include <errno.h>

#define MY_FREE
#include "threads.h"

/* A checked pass gives itself away: it sets errno, to see whether it stays. */
void mm_free(void *ptr)
{
    if (errno == EDOM)
        locked_free(ptr);
}
