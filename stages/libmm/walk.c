/* Default mm_walk: the layout is unknown. The contract is in mm.h. */
#include "mm.h"

void mm_walk(mm_visit *visit, void *arg)
{
    (void)visit;
    (void)arg;
}
