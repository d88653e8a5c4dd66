/*
 * asks-too-much.c - asks for more heap than there is when it is timed, and then
 * for more than it had before. It gets what there is, and that counts.
 *
 * referee: valid
 * footprint: 524288
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    void *block = base_malloc(size);

    if (is_timed() && mem_sbrk((intptr_t)1 << 40) == (void *)-1)
        memset(mem_sbrk(1 << 19), 1, 1 << 19);
    return block;
}
