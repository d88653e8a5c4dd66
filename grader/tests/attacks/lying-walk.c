/* Shows blocks that do not exist, without end, and claims any size to be usable.
 * unvetted: wrong answer */
#include "base.h"

void mm_walk(mm_visit *visit, void *arg)
{
    struct mm_extent extent = {(void *)8, (size_t)-1, MM_USED};

    for (;;)
        visit(&extent, arg);
}

size_t mm_usable_size(const void *ptr)
{
    (void)ptr;
    return (size_t)-1;
}
