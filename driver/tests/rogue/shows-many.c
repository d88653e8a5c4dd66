/*
 * shows-many.c - shows more blocks at once than there is room for.
 *
 * referee: wrong
 * says: said what means nothing
 * options: -c
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_WALK
#include "../broken/base.h"

void mm_walk(mm_visit *visit, void *arg)
{
    say(SAYS_EXTENTS, WIRE_EXTENTS + 1);
    base_walk(visit, arg);
}
