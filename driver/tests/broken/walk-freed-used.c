/*
 * walk-freed-used.c - mm_walk that calls a freed block used.
 *
 * options: -D
 * trace:
 *   a 0 24
 *   f 0
 * message:
 *   walk-freed-used.rep:6: op 2 (free 0): mm_walk shows 48 bytes in use, in the heap at +0x0, 48 bytes before the break, expected free: no block in it is live
 *     replay: ./mdriver -D -f walk-freed-used.rep --stage ./walk-freed-used.so --until 2
 */
#define OWN_WALK
#include "base.h"

void mm_walk(mm_visit *visit, void *arg)
{
    struct mm_extent extent = {mem_heap_lo(), mem_heapsize(), MM_USED};

    visit(&extent, arg);
}
