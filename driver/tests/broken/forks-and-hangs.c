/*
 * forks-and-hangs.c - mm_malloc that leaves a process behind.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 * message:
 *   forks-and-hangs.rep:5: op 1 (malloc 0, 24 bytes): the stage started a process of its own, expected none
 *     replay: ./mdriver -D -f forks-and-hangs.rep --stage ./forks-and-hangs.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

#include <unistd.h>

void *mm_malloc(size_t size)
{
    if (fork() == 0)
        pause();
    return base_malloc(size);
}
