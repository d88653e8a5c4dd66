/*
 * realloc-shifted.c - mm_realloc that copies to the place one byte on.
 *
 * trace:
 *   a 0 128
 *   r 0 256
 * message:
 *   realloc-shifted.rep:6: op 2 (realloc 0, 256 bytes): payload byte 0 is 0xa0, expected 0x7d: realloc keeps the first 128 bytes;
 *     every byte lies 1 above its place;
 *     it moved; it had 128 bytes, of line 5;
 *     block 0 (256 bytes, allocated at line 6) lies in the heap at +0xa0, 256 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f realloc-shifted.rep --stage ./realloc-shifted.so --until 2
 */
#define OWN_REALLOC
#include "base.h"

void *mm_realloc(void *ptr, size_t size)
{
    char *moved = base_malloc(size);

    memcpy(moved + 1, ptr, base_block(ptr)->room);
    base_free(ptr);
    return moved;
}
