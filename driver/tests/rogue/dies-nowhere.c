/*
 * dies-nowhere.c - says that it stands at an operation that does not exist, and
 * aborts.
 *
 * referee: crash
 * says: mm_init in timed pass 2: crashed with SIGABRT
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

#include <stdlib.h>

void *mm_malloc(size_t size)
{
    if (is_timed()) {
        my_seat()->at = (size_t)1 << 40;
        abort();
    }
    return base_malloc(size);
}
