/*
 * stands-nowhere.c - says that it stands at an operation that does not exist,
 * and gives NULL.
 *
 * referee: wrong
 * says: NULL without need
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    if (!is_timed())
        return base_malloc(size);
    my_seat()->at = (size_t)1 << 40;
    return NULL;
}
