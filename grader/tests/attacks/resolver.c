/* Runs code while it is loaded, as the choice between two functions.
 * vet: ifunc
 * unvetted: crash */
#include "base.h"

static int nothing(void)
{
    return 0;
}

static void *choose(void)
{
    exit(0);
    return (void *)nothing;
}

int mm_chosen(void) __attribute__((ifunc("choose")));

bool mm_checkheap(int line)
{
    (void)line;
    return mm_chosen() == 0;
}
