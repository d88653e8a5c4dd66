/*
 * realloc-old-size.c - mm_realloc that copies the old size when it shrinks.
 *
 * trace:
 *   a 0 112
 *   a 1 16
 *   a 2 64
 *   f 1
 *   r 0 16
 * message:
 *   realloc-old-size.rep:9: op 5 (realloc 0, 16 bytes): payload byte 0 of block 2 is 0xd1, expected 0x2a;
 *     block 2 (64 bytes, allocated at line 7) lies in the heap at +0xb0, 64 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f realloc-old-size.rep --stage ./realloc-old-size.so --until 5
 */
#define OWN_REALLOC
#include "base.h"

void *mm_realloc(void *ptr, size_t size)
{
    char *moved = base_malloc(size);

    memcpy(moved, ptr, base_block(ptr)->room);
    base_free(ptr);
    return moved;
}
