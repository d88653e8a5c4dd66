/*
 * grows-past-region.c - asks for more heap than there are addresses, once it is
 * timed.
 *
 * referee: valid
 * most: 4096
 * options: --limit 200G
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    if (is_timed())
        say(SAYS_GROW, (size_t)100 << 30);
    return base_malloc(size);
}
