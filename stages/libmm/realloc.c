/* Default mm_realloc: allocate, copy, free. The contract is in mm.h. */
#include "mm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mm_realloc(void *ptr, size_t size)
{
    if (!ptr)
        return mm_malloc(size);
    if (size == 0) {
        mm_free(ptr);
        return NULL;
    }

    size_t kept = mm_usable_size(ptr);
    if (kept == 0) {
        fputs("mm_realloc: the default of libmm needs the stage's own "
              "mm_usable_size; define it, or mm_realloc\n",
              stderr);
        abort();
    }

    void *moved = mm_malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, ptr, kept < size ? kept : size);
    mm_free(ptr);
    return moved;
}
