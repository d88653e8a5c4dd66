/*
 * null-without-need.c - every third mm_malloc fails.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 *   a 2 24
 * message:
 *   null-without-need.rep:7: op 3 (malloc 2, 24 bytes): NULL without need, expected a block: memlib refused nothing, 96 bytes of 67110304 are taken
 *     replay: ./mdriver -D -f null-without-need.rep --stage ./null-without-need.so --until 3
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static int calls;

    if (++calls % 3 != 0)
        return base_malloc(size);
    errno = ENOMEM;
    return NULL;
}
