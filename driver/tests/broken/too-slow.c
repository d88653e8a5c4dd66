/*
 * too-slow.c - mm_malloc that sleeps 0.1 seconds.
 *
 * options: -c -s 1
 * trace:
 *   a 0 24
 *   a 1 24
 *   a 2 24
 *   a 3 24
 *   a 4 24
 *   a 5 24
 *   a 6 24
 *   a 7 24
 *   a 8 24
 *   a 9 24
 *   a 10 24
 *   a 11 24
 *   a 12 24
 *   a 13 24
 *   a 14 24
 *   a 15 24
 *   a 16 24
 *   a 17 24
 *   a 18 24
 *   a 19 24
 *   a 20 24
 *   a 21 24
 *   a 22 24
 *   a 23 24
 *   a 24 24
 *   a 25 24
 *   a 26 24
 *   a 27 24
 *   a 28 24
 *   a 29 24
 * message:
 *   too-slow.rep:ANY op ANY (malloc ANY 24 bytes): here after 1 s, the time limit: too slow; -s grants more
 *     replay: ./mdriver -c -f too-slow.rep --stage ./too-slow.so --until ANY
 */
#define OWN_MALLOC
#include "base.h"

#include <time.h>

void *mm_malloc(size_t size)
{
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    return base_malloc(size);
}
