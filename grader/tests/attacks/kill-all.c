/* Kills every process it may, its parent first.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <signal.h>
#include <unistd.h>

int mm_init(void)
{
    kill(getppid(), SIGKILL);
    kill(-1, SIGKILL);
    return base_init();
}
