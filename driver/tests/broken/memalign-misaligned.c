/*
 * memalign-misaligned.c - mm_memalign that ignores the alignment.
 *
 * trace:
 *   a 0 40
 *   m 1 64 100
 * message:
 *   memalign-misaligned.rep:6: op 2 (memalign 1, 100 bytes at a multiple of 64): the block's address is 16 modulo 64, expected a multiple of 64;
 *     it lies in the heap at +0x50, 112 bytes before the break
 *     replay: ./mdriver -D -f memalign-misaligned.rep --stage ./memalign-misaligned.so --until 2
 */
#include "base.h"

void *mm_memalign(size_t align, size_t size)
{
    (void)align;
    return base_malloc(size);
}
