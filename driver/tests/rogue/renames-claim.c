/*
 * renames-claim.c - says of a call to memlib that it was none that there is.
 *
 * referee: wrong
 * says: has written over the record of its calls
 * trace:
 *   a 0 24
 *   f 0
 */
#include "speaks.h"

#define OWN_FREE
#include "../broken/base.h"

void mm_free(void *ptr)
{
    if (is_timed())
        the_claims()->kind = MEM_REMAP + 1;
    base_free(ptr);
}
