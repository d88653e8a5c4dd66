/*
 * large-last-byte.c - mm_malloc that takes the last byte of a large block back.
 *
 * trace:
 *   a 0 3000000
 *   a 1 24
 *   f 1
 *   f 0
 * message:
 *   large-last-byte.rep:6: op 2 (malloc 1, 24 bytes): payload byte 2999999 of block 0 is 0x00, expected 0x9b;
 *     block 0 (3000000 bytes, allocated at line 5) lies in the heap at +0x10, 3000048 bytes before the break, and ends 16 bytes before block 1
 *     replay: ./mdriver -D -f large-last-byte.rep --stage ./large-last-byte.so --until 2
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static char *large;
    static size_t large_size;

    if (large)
        large[large_size - 1] = 0;
    large = base_malloc(size);
    large_size = size;
    return large;
}
