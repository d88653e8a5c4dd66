/*
 * neighbour-flip.c - mm_free that flips a bit of the block above.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 *   a 2 24
 *   f 0
 *   f 1
 * message:
 *   neighbour-flip.rep:8: op 4 (free 0): payload byte 3 of block 1 is 0x3b, expected 0x3a;
 *     block 1 (24 bytes, allocated at line 6) lies in the heap at +0x40, 80 bytes before the break, and ends 24 bytes before block 2
 *     replay: ./mdriver -D -f neighbour-flip.rep --stage ./neighbour-flip.so --until 4
 */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    struct base_block *next = base_next(base_block(ptr));

    base_free(ptr);
    if (next != base_end())
        *((char *)(next + 1) + 3) ^= 1;
}
