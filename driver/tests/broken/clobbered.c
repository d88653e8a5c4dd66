/*
 * clobbered.c - mm_malloc marks the middle of the block it gave last.
 *
 * trace:
 *   a 0 400
 *   a 1 24
 *   a 2 24
 *   f 2
 *   f 1
 *   f 0
 * message:
 *   clobbered.rep:10: op 6 (free 0): payload byte 150 is 0x41, expected 0x9a;
 *     block 0 (400 bytes, allocated at line 5) lies in the heap at +0x10, 496 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f clobbered.rep --stage ./clobbered.so --until 6
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static char *last;
    char *p = base_malloc(size);

    if (last && size == 24)
        last[150] = 'A';
    last = size == 400 ? p : NULL;
    return p;
}
