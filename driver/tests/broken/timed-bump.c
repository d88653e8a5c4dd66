/*
 * timed-bump.c - reuses memory when checked, but not when timed: the footprint
 * that counts is that of the timed passes.
 *
 * options: -s 60
 * trace:
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
 *   a 10 1000
 *   f 10
 *   a 11 1000
 *   f 11
 *   a 12 1000
 *   f 12
 *   a 13 1000
 *   f 13
 *   a 14 1000
 *   f 14
 *   a 15 1000
 *   f 15
 *   a 16 1000
 *   f 16
 *   a 17 1000
 *   f 17
 *   a 18 1000
 *   f 18
 *   a 19 1000
 *   f 19
 * valid: 20480
 */
#define OWN_INIT
#define OWN_FREE
#include "base.h"

static int inits;

int mm_init(void)
{
    inits++;
    return 0;
}

void mm_free(void *ptr)
{
    if (inits == 1)
        base_free(ptr);
}
