/*
 * overlapping.c - the second block starts 32 bytes too low, in the first.
 *
 * trace:
 *   a 0 64
 *   a 1 64
 * message:
 *   overlapping.rep:6: op 2 (malloc 1, 64 bytes): the block overlaps block 0, which is live, expected bytes of its own;
 *     it starts 48 bytes above the start of block 0 (64 bytes, allocated at line 5) and ends above its end
 *     replay: ./mdriver -D -f overlapping.rep --stage ./overlapping.so --until 2
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static bool is_second;
    char *p = base_malloc(size);

    if (is_second)
        p -= 32;
    is_second = true;
    return p;
}
