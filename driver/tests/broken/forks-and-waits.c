/*
 * forks-and-waits.c - mm_malloc that lets a copy of the process go on first.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 * message:
 *   forks-and-waits.rep:5: op 1 (malloc 0, 24 bytes): the stage started a process of its own, expected none
 *     replay: ./mdriver -D -f forks-and-waits.rep --stage ./forks-and-waits.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

#include <sys/wait.h>
#include <unistd.h>

void *mm_malloc(size_t size)
{
    if (fork() > 0)
        wait(NULL);
    return base_malloc(size);
}
