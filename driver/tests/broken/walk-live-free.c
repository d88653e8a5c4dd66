/*
 * walk-live-free.c - mm_walk that calls a live block free.
 *
 * options: -D
 * trace:
 *   a 0 24
 * message:
 *   walk-live-free.rep:5: op 1 (malloc 0, 24 bytes): mm_walk shows 48 bytes free, in the heap at +0x0, 48 bytes before the break, expected no live block in it;
 *     the next live block is 0, 32 bytes at +16
 *     replay: ./mdriver -D -f walk-live-free.rep --stage ./walk-live-free.so --until 1
 */
#define OWN_WALK
#include "base.h"

void mm_walk(mm_visit *visit, void *arg)
{
    struct mm_extent extent = {mem_heap_lo(), mem_heapsize(), MM_FREE};

    visit(&extent, arg);
}
