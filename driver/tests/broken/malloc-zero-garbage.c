/*
 * malloc-zero-garbage.c - mm_malloc(0) gives an address that is nowhere.
 *
 * trace:
 *   a 0 24
 *   a 1 0
 * message:
 *   malloc-zero-garbage.rep:6: op 2 (malloc 1, 0 bytes): the block of 0 bytes at 0x10 is not inside the memory the stage holds, expected all of it below the break or in one mapping;
 *     it lies in no memory of the stage (NULL + 16)
 *     replay: ./mdriver -D -f malloc-zero-garbage.rep --stage ./malloc-zero-garbage.so --until 2
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    return size > 0 ? base_malloc(size) : (void *)16;
}
