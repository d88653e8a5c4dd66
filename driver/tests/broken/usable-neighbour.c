/*
 * usable-neighbour.c - mm_usable_size that reaches into the next block.
 *
 * trace:
 *   a 0 32
 *   a 1 32
 *   f 0
 *   a 2 32
 * message:
 *   usable-neighbour.rep:8: op 4 (malloc 2, 32 bytes): mm_usable_size is 56, expected at most the 48 bytes up to block 1, which is live
 *     replay: ./mdriver -D -f usable-neighbour.rep --stage ./usable-neighbour.so --until 4
 */
#define OWN_USABLE_SIZE
#include "base.h"

size_t mm_usable_size(const void *ptr)
{
    const struct base_block *b = base_block(ptr);

    return base_next(base_block(ptr)) == base_end() ? b->room : b->room + 24;
}
