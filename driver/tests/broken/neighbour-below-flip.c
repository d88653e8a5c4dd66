/*
 * neighbour-below-flip.c - mm_free that flips a bit of the block below.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 *   a 2 24
 *   f 2
 *   f 1
 *   f 0
 * message:
 *   neighbour-below-flip.rep:8: op 4 (free 2): payload byte 8 of block 1 is 0x82, expected 0x83;
 *     block 1 (24 bytes, allocated at line 6) lies in the heap at +0x40, 80 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f neighbour-below-flip.rep --stage ./neighbour-below-flip.so --until 4
 */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    base_free(ptr);
    if ((char *)ptr - 64 > (char *)mem_heap_lo())
        *((char *)ptr - 40) ^= 1;
}
