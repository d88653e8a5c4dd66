/*
 * realloc-loses.c - mm_realloc that forgets the last 8 bytes.
 *
 * trace:
 *   a 0 64
 *   r 0 128
 * message:
 *   realloc-loses.rep:6: op 2 (realloc 0, 128 bytes): payload byte 56 is 0xf8, expected 0x10: realloc keeps the first 64 bytes;
 *     it moved; it had 64 bytes, of line 5;
 *     block 0 (128 bytes, allocated at line 6) lies in the heap at +0x60, 128 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f realloc-loses.rep --stage ./realloc-loses.so --until 2
 */
#define OWN_REALLOC
#include "base.h"

void *mm_realloc(void *ptr, size_t size)
{
    char *moved = base_malloc(size);

    memcpy(moved, ptr, base_block(ptr)->room - 8);
    base_free(ptr);
    return moved;
}
