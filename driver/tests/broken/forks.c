/*
 * forks.c - mm_malloc that forks: the copy, too, would report.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 * message:
 *   forks.rep:5: op 1 (malloc 0, 24 bytes): the stage started a process of its own, expected none
 *     replay: ./mdriver -D -f forks.rep --stage ./forks.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

#include <unistd.h>

void *mm_malloc(size_t size)
{
    if (fork() == -1)
        return NULL;
    return base_malloc(size);
}
