/*
 * large.c - mm_malloc that crashes when it is asked for a MiB or more, which
 * the shell that runs a program is not likely to do.
 */
#define OWN_MALLOC
#include "../../tests/broken/base.h"

void *mm_malloc(size_t size)
{
    if (size >= 1 << 20)
        *(volatile char *)NULL = 0;
    return base_malloc(size);
}
