/*
 * grows-checked.c - asks for heap beyond the break in a checked pass.
 *
 * referee: wrong
 * says: asked for more heap as it may not
 * options: -c
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    say(SAYS_GROW, 1 << 20);
    return base_malloc(size);
}
