/* Brings a clock of its own that stands still, for a driver that asks it.
 * vet: defined-symbol
 * unvetted: ok */
#include "base.h"

#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    now->tv_sec = 0;
    now->tv_nsec = 1;
    return 0;
}

clock_t clock(void)
{
    return 1;
}

int getrusage(int who, void *usage)
{
    (void)who;
    memset(usage, 0, 144);
    return 0;
}
