/*
 * calls-often.c - calls memlib more often in a timed pass than there is room to
 * note.
 *
 * referee: wrong
 * says: called memlib more often than a referee can note
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

void *mm_malloc(size_t size)
{
    int often = is_timed() ? 2 * WIRE_CLAIMS : 0;

    for (int i = 0; i < often; i++)
        mem_sbrk(0);
    return base_malloc(size);
}
