/*
 * realloc-zero.c - mm_realloc(ptr, 0) that gives a block.
 *
 * trace:
 *   a 0 64
 *   r 0 0
 * message:
 *   realloc-zero.rep:6: op 2 (realloc 0, 0 bytes): realloc to 0 bytes gave ADDRESS, expected NULL: it frees the block
 *     replay: ./mdriver -D -f realloc-zero.rep --stage ./realloc-zero.so --until 2
 */
#define OWN_REALLOC
#include "base.h"

void *mm_realloc(void *ptr, size_t size)
{
    return base_realloc(ptr, size > 0 ? size : 1);
}
