/*
 * remembers.c - is slow, but answers from memory what it has answered before:
 * what a player has not yet seen counts.
 *
 * referee: valid
 * slow: 0.5
 * trace:
 *   a 0 24
 *   a 1 24
 *   a 2 24
 *   a 3 24
 *   f 0
 *   f 1
 *   f 2
 *   f 3
 */
#define OWN_INIT
#define OWN_MALLOC
#include "../broken/base.h"

static int inits;

int mm_init(void)
{
    inits++;
    return 0;
}

/* The first passes of every process are slow. */
void *mm_malloc(size_t size)
{
    for (volatile int i = 0; inits < 8 && i < 300000; i++)
        continue;
    return base_malloc(size);
}
