/* Takes all memory there is, from the kernel and by touching it.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <sys/mman.h>

int mm_init(void)
{
    for (;;) {
        char *more = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (more != MAP_FAILED)
            memset(more, 1, 64 << 20);
    }
}
