/*
 * maps-unasked.c - keeps its books where mappings would be, but asks for none,
 * once it is timed.
 *
 * referee: valid
 * footprint: 1048576
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

#include <sys/mman.h>

enum { BOOKS = 1 << 20 };

void *mm_malloc(size_t size)
{
    void *books = the_terms()->share.maps_at;

    if (is_timed() && mprotect(books, BOOKS, PROT_READ | PROT_WRITE) == 0)
        memset(books, 1, BOOKS);
    return base_malloc(size);
}
