/*
 * own-clock.c - it brings a clock of its own, to look fast.
 *
 * vet:
 *   own-clock.c:5: error: clock_gettime: a function of the C library has this name; choose another, or make yours static
 */
#include <time.h>

#include "base.h"

int clock_gettime(clockid_t clock, struct timespec *time)
{
    (void)clock;
    *time = (struct timespec){0, 1};
    return 0;
}
