/*
 * threads-locked.c - knows nothing of threads, and says so: the driver's lock
 * keeps them apart.
 *
 * trace:
 *   a 0 64
 *   f 0
 *   a 1 32
 *   a 2 64
 *   @ 1
 *   f 1
 *   a 3 64
 * valid: 208
 */
#include <unistd.h>

#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    struct base_block *b = mem_heap_lo();

    while (b != base_end() && (b->used || b->room != size))
        b = base_next(b);
    usleep(20000);
    if (b == base_end())
        return base_malloc(size);
    b->used = 1;
    return b + 1;
}
