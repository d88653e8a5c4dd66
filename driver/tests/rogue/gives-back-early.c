/*
 * gives-back-early.c - gives the heap back once it is timed, as soon as it has
 * the address of a block in it.
 *
 * referee: wrong
 * says: is outside of the memory the stage holds
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    void *p = base_malloc(size);

    if (is_timed())
        mem_sbrk(-(intptr_t)mem_heapsize());
    return p;
}
