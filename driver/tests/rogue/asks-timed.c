/*
 * asks-timed.c - has a call to memlib carried out at once, not noted, in a
 * timed pass.
 *
 * referee: wrong
 * says: asked for memory as it may not
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    if (is_timed())
        say(SAYS_MEMLIB, MEM_SBRK);
    return base_malloc(size);
}
