/*
 * outside.c - blocks from a static array instead of memlib.
 *
 * trace:
 *   a 0 24
 * message:
 *   outside.rep:5: op 1 (malloc 0, 24 bytes): the block of 24 bytes at ADDRESS is not inside the memory the stage holds, expected all of it below the break or in one mapping;
 *     its first byte lies in no memory of the stage (ADDRESS), its last byte in no memory of the stage (ADDRESS)
 *     replay: ./mdriver -D -f outside.rep --stage ./outside.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    static _Alignas(16) char pool[4096];

    return size <= sizeof(pool) ? pool : NULL;
}
