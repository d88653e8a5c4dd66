/*
 * clobbered-to-the-end.c - as clobbered, but nothing is freed: seen at the end.
 *
 * trace:
 *   a 0 400
 *   a 1 24
 * message:
 *   clobbered-to-the-end.rep: after the last op: payload byte 150 of block 0 is 0x41, expected 0x9a;
 *     block 0 (400 bytes, allocated at line 5) lies in the heap at +0x10, 448 bytes before the break, and ends 16 bytes before block 1
 *     replay: ./mdriver -D -f clobbered-to-the-end.rep --stage ./clobbered-to-the-end.so
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static char *last;
    char *p = base_malloc(size);

    if (last)
        last[150] = 'A';
    last = p;
    return p;
}
