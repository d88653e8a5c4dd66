/*
 * shrinks-grant.c - has the heap's file grow when it is timed, as a place for
 * its books, and shrink again. What it was given counts.
 *
 * referee: valid
 * footprint: 1048576
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    if (is_timed()) {
        say(SAYS_GROW, 1 << 20);
        say(SAYS_GROW, 1);
    }
    return base_malloc(size);
}
