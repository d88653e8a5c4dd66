/*
 * shows-unasked.c - shows blocks when nobody has asked for them.
 *
 * referee: wrong
 * says: said what means nothing
 * options: -c
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    say(SAYS_EXTENTS, 1);
    return base_malloc(size);
}
