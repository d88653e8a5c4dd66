/*
 * calloc-dirty.c - mm_calloc that trusts a reused block to be zero.
 *
 * trace:
 *   a 0 64
 *   f 0
 *   c 1 16 4
 * message:
 *   calloc-dirty.rep:7: op 3 (calloc 1, 16 x 4 bytes): byte 0 is 0x7d, expected 0x00 from calloc;
 *     block 1 (64 bytes, allocated at line 7) lies in the heap at +0x10, 64 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f calloc-dirty.rep --stage ./calloc-dirty.so --until 3
 */
#include "base.h"

void *mm_calloc(size_t count, size_t size)
{
    return base_malloc(count * size);
}
