/*
 * hoards-timed.c - keeps a megabyte of its own only where the passes count.
 *
 * referee: valid
 * footprint: 700000
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

static char hoard[1 << 20];

void *mm_malloc(size_t size)
{
    if (my_seat() == &the_wire()->seats[SEAT_FRESH])
        memset(hoard, 1, sizeof(hoard));
    return base_malloc(size);
}
