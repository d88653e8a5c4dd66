/*
 * walk-partial.c - mm_walk that shows the end of a block as overhead.
 *
 * options: -D
 * trace:
 *   a 0 24
 * message:
 *   walk-partial.rep:5: op 1 (malloc 0, 24 bytes): mm_walk shows 32 bytes in use, in the heap at +0x0, 48 bytes before the break, expected one whole live block in it;
 *     the next live block is 0, 32 bytes at +16
 *     replay: ./mdriver -D -f walk-partial.rep --stage ./walk-partial.so --until 1
 */
#define OWN_WALK
#include "base.h"

void mm_walk(mm_visit *visit, void *arg)
{
    struct base_block *b = mem_heap_lo();

    for (; b != base_end(); b = base_next(b)) {
        struct mm_extent whole = {b, sizeof(*b) + b->room, MM_USED};
        struct mm_extent begin = {b, whole.bytes - 16, MM_USED};
        struct mm_extent end = {(char *)b + begin.bytes, 16, MM_OVERHEAD};
        visit(&begin, arg);
        visit(&end, arg);
    }
}
