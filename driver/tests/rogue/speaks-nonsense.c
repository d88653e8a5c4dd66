/*
 * speaks-nonsense.c - says what no player says.
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
    say((enum says)77, 0);
    return base_malloc(size);
}
