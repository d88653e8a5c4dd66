/*
 * walk-gap.c - mm_walk that leaves out free blocks.
 *
 * options: -D
 * trace:
 *   a 0 24
 *   a 1 24
 *   f 0
 * message:
 *   walk-gap.rep:7: op 3 (free 0): mm_walk shows 48 bytes in all, expected the 96 that the stage holds
 *     replay: ./mdriver -D -f walk-gap.rep --stage ./walk-gap.so --until 3
 */
#define OWN_WALK
#include "base.h"

void mm_walk(mm_visit *visit, void *arg)
{
    struct base_block *b = mem_heap_lo();

    for (; b != base_end(); b = base_next(b)) {
        struct mm_extent extent = {b, sizeof(*b) + b->room, MM_USED};
        if (b->used)
            visit(&extent, arg);
    }
}
