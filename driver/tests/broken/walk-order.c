/*
 * walk-order.c - mm_walk that shows free blocks downwards.
 *
 * options: -D
 * trace:
 *   a 0 24
 *   a 1 24
 *   f 0
 *   f 1
 * message:
 *   walk-order.rep:8: op 4 (free 1): mm_walk shows 48 bytes free, in the heap at +0x0, 96 bytes before the break, expected it above the extent before it
 *     replay: ./mdriver -D -f walk-order.rep --stage ./walk-order.so --until 4
 */
#define OWN_WALK
#include "base.h"

static void visit_down(struct base_block *b, mm_visit *visit, void *arg)
{
    struct mm_extent extent = {b, sizeof(*b) + b->room, MM_FREE};

    if (base_next(b) != base_end())
        visit_down(base_next(b), visit, arg);
    visit(&extent, arg);
}

void mm_walk(mm_visit *visit, void *arg)
{
    struct base_block *first = mem_heap_lo();

    if (first == base_end() || first->used || base_next(first)->used)
        base_walk(visit, arg);
    else
        visit_down(first, visit, arg);
}
