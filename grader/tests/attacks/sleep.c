/* Waits for ever.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <unistd.h>

int mm_init(void)
{
    for (;;)
        pause();
}
