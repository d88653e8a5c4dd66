/*
 * malloc-zero-same.c - mm_malloc(0) gives the same address each time.
 *
 * trace:
 *   a 0 0
 *   a 1 0
 * message:
 *   malloc-zero-same.rep:6: op 2 (malloc 1, 0 bytes): the block overlaps block 0, which is live, expected bytes of its own;
 *     it starts where block 0 (0 bytes, allocated at line 5) does
 *     replay: ./mdriver -D -f malloc-zero-same.rep --stage ./malloc-zero-same.so --until 2
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    return size > 0 || base_end() == mem_heap_lo()
               ? base_malloc(size)
               : (struct base_block *)mem_heap_lo() + 1;
}
