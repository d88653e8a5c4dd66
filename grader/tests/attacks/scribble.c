/* Writes over all memory it can find near its stack and its own variables.
 * unvetted: crash */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    volatile char *here = (volatile char *)&ptr;

    base_free(ptr);
    for (size_t offset = 0; offset < 1 << 20; offset++)
        here[offset] = 0;
}
