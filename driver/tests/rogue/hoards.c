/*
 * hoards.c - keeps a megabyte of its own beside memlib's memory.
 *
 * referee: valid
 * options: -c
 * footprint: 700000
 * trace:
 *   a 0 24
 *   f 0
 */
#define OWN_MALLOC
#include "../broken/base.h"

static char hoard[1 << 20];

void *mm_malloc(size_t size)
{
    memset(hoard, 1, sizeof(hoard));
    return base_malloc(size);
}
