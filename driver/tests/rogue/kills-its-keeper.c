/*
 * kills-its-keeper.c - kills the process that started it.
 *
 * referee: not valid
 * options: -c
 * trace:
 *   a 0 24
 */
#define OWN_MALLOC
#include "../broken/base.h"

#include <signal.h>
#include <unistd.h>

void *mm_malloc(size_t size)
{
    kill(getppid(), SIGKILL);
    pause(); /* until the kernel ends this process, too */
    return base_malloc(size);
}
