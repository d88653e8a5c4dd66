/*
 * large-middle.c - mm_malloc that clears a page in the middle of a large block.
 *
 * trace:
 *   a 0 3000000
 *   a 1 24
 *   f 1
 *   f 0
 * message:
 *   large-middle.rep:8: op 4 (free 0): payload byte 1500544 is 0x00, expected 0xed;
 *     block 0 (3000000 bytes, allocated at line 5) lies in the heap at +0x10, 3000048 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f large-middle.rep --stage ./large-middle.so --until 4
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static char *large;
    static size_t large_size;

    if (large)
        memset(large + large_size / 2, 0, 4096);
    large = base_malloc(size);
    large_size = size;
    return large;
}
