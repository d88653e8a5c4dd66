/*
 * past-break-block.c - a block whose last bytes lie past the break.
 *
 * trace:
 *   a 0 24
 * message:
 *   past-break-block.rep:5: op 1 (malloc 0, 24 bytes): the block of 24 bytes at ADDRESS is not inside the memory the stage holds, expected all of it below the break or in one mapping;
 *     its first byte lies in the heap at +0x0, 16 bytes before the break, its last byte 7 bytes past the break (ADDRESS)
 *     replay: ./mdriver -D -f past-break-block.rep --stage ./past-break-block.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    return mem_sbrk((intptr_t)size - 8);
}
