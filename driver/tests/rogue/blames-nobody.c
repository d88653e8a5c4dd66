/*
 * blames-nobody.c - blames its death on a thread that cannot be.
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
    my_seat()->slot = 1 << 30;
    my_seat()->is_told = true;
    kill(getpid(), SIGKILL);
    return base_malloc(size);
}
