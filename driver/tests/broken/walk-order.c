/*
 * walk-order.c - mm_walk that shows the heap downwards.
 *
 * options: -D
 * trace:
 *   a 0 24
 *   a 1 24
 * message:
 *   walk-order.rep:6: op 2 (malloc 1, 24 bytes): mm_walk shows 48 bytes in use, in the heap at +0x30, 48 bytes before the break, expected one whole live block in it;
 *     the next live block is 0, 32 bytes at -32
 *     replay: ./mdriver -D -f walk-order.rep --stage ./walk-order.so --until 2
 */
#define OWN_WALK
#include "base.h"

static void visit_down(struct base_block *b, mm_visit *visit, void *arg)
{
    struct mm_extent extent = {b, sizeof(*b) + b->room, MM_USED};

    if (base_next(b) != base_end())
        visit_down(base_next(b), visit, arg);
    visit(&extent, arg);
}

void mm_walk(mm_visit *visit, void *arg)
{
    if (base_end() != mem_heap_lo())
        visit_down(mem_heap_lo(), visit, arg);
}
