/*
 * endless-loop.c - mm_free that never returns.
 *
 * options: -c -s 1
 * trace:
 *   a 0 24
 *   f 0
 * message:
 *   endless-loop.rep:6: op 2 (free 0): no end of it, the time limit of 1 s is over: an endless loop?
 *     replay: ./mdriver -c -f endless-loop.rep --stage ./endless-loop.so --until 2
 */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    volatile struct base_block *b = base_block(ptr);

    while (b->used)
        continue;
}
