/*
 * usable-not-kept.c - mm_malloc that writes into bytes it called usable.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 *   f 0
 * message:
 *   usable-not-kept.rep:6: op 2 (malloc 1, 24 bytes): usable byte 28 of block 0 is 0x41, expected 0x35;
 *     block 0 (24 bytes, allocated at line 5) lies in the heap at +0x10, 80 bytes before the break, and ends 24 bytes before block 1
 *     replay: ./mdriver -D -f usable-not-kept.rep --stage ./usable-not-kept.so --until 2
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static char *last;
    char *p = base_malloc(size);

    if (last)
        last[28] = 'A';
    last = p;
    return p;
}
