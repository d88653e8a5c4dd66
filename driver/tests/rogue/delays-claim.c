/*
 * delays-claim.c - says of a call to memlib that it comes after the last
 * operation.
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
    if (is_timed()) {
        mem_sbrk(4096);
        the_claims()[1].op = INT32_MAX;
    }
    base_free(ptr);
}
