/*
 * misaligned.c - blocks at 8 modulo 16.
 *
 * trace:
 *   a 0 24
 * message:
 *   misaligned.rep:5: op 1 (malloc 0, 24 bytes): the block's address is 8 modulo 16, expected a multiple of 16;
 *     it lies in the heap at +0x18, 24 bytes before the break
 *     replay: ./mdriver -D -f misaligned.rep --stage ./misaligned.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    char *p = base_malloc(size + 8);

    return p ? p + 8 : NULL;
}
