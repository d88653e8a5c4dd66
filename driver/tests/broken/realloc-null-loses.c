/*
 * realloc-null-loses.c - mm_realloc that frees the old block though it fails.
 *
 * options: -c --limit 8K
 * trace:
 *   a 0 4000
 *   r 0 9000
 * message:
 *   realloc-null-loses.rep:6: op 2 (realloc 0, 9000 bytes): payload byte 0 is 0x00, expected 0x7d;
 *     block 0 (4000 bytes, allocated at line 5) lies in the heap at +0x10, 4000 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f realloc-null-loses.rep --stage ./realloc-null-loses.so --limit 8192 --until 2
 */
#define OWN_REALLOC
#include "base.h"

void *mm_realloc(void *ptr, size_t size)
{
    char *moved = base_malloc(size);

    memset(ptr, 0, 16);
    base_free(ptr);
    return moved;
}
