/* Never comes back.
 * unvetted: time-out */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    (void)ptr;
    for (volatile int turn = 0;; turn++)
        ;
}
