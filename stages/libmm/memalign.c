/* Default mm_memalign: no more than MM_ALIGN. The contract is in mm.h. */
#include "mm.h"

#include <errno.h>

void *mm_memalign(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (align > MM_ALIGN) {
        errno = ENOMEM;
        return NULL;
    }
    return mm_malloc(size);
}
