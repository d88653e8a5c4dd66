/*
 * invents-signal.c - says that it dies of a signal that there is not.
 *
 * referee: crash
 * says: killed by SIGKILL
 * options: -c
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_MALLOC
#include "../broken/base.h"

#include <signal.h>
#include <unistd.h>

void *mm_malloc(size_t size)
{
    my_seat()->crash.number = NSIG;
    kill(getpid(), SIGKILL);
    return base_malloc(size);
}
