/* Default mm_calloc: mm_malloc and memset. The contract is in mm.h. */
#include "mm.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

void *mm_calloc(size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }

    void *ptr = mm_malloc(count * size);
    return ptr ? memset(ptr, 0, count * size) : NULL;
}
