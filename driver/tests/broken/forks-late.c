/*
 * forks-late.c - mm_malloc that leaves a process behind, far from the beginning.
 *
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
 *   a 30 24
 *   a 31 24
 *   a 32 24
 *   a 33 24
 *   a 34 24
 *   a 35 24
 *   a 36 24
 *   a 37 24
 *   a 38 24
 *   a 39 24
 *   a 40 24
 *   a 41 24
 *   a 42 24
 *   a 43 24
 *   a 44 24
 *   a 45 24
 *   a 46 24
 *   a 47 24
 *   a 48 24
 *   a 49 24
 *   a 50 24
 *   a 51 24
 *   a 52 24
 *   a 53 24
 *   a 54 24
 *   a 55 24
 *   a 56 24
 *   a 57 24
 *   a 58 24
 *   a 59 24
 *   a 60 24
 *   a 61 24
 *   a 62 24
 *   a 63 24
 *   a 64 24
 *   a 65 24
 *   a 66 24
 *   a 67 24
 *   a 68 24
 *   a 69 24
 *   a 70 24
 *   a 71 24
 * message:
 *   forks-late.rep: after the last op: the stage started a process of its own, expected none
 *     replay: ./mdriver -D -f forks-late.rep --stage ./forks-late.so
 */
#define OWN_MALLOC
#include "base.h"

#include <unistd.h>

void *mm_malloc(size_t size)
{
    static unsigned calls;

    if (++calls == 70 && fork() == 0)
        pause();
    return base_malloc(size);
}
