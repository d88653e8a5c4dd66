/*
 * enclosing.c - a large block that encloses a live small one.
 *
 * trace:
 *   a 0 64
 *   a 1 16
 *   a 2 16
 *   f 0
 *   a 3 96
 * message:
 *   enclosing.rep:9: op 5 (malloc 3, 96 bytes): the block overlaps block 1, which is live, expected bytes of its own;
 *     it starts 80 bytes below the start of block 1 (16 bytes, allocated at line 6) and encloses it
 *     replay: ./mdriver -D -f enclosing.rep --stage ./enclosing.so --until 5
 */
#define OWN_MALLOC
#include "base.h"

/* The block at the start of the heap is free, so take it, and what follows. */
void *mm_malloc(size_t size)
{
    struct base_block *first = mem_heap_lo();

    if (size >= 80 && base_end() != first && !first->used)
        return first + 1;
    return base_malloc(size);
}
