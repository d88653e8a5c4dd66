/*
 * floods.c - mm_malloc that prints without end.
 *
 * trace:
 *   a 0 24
 * message:
 *   floods.rep:5: op 1 (malloc 0, 24 bytes): printed more than 64 KiB, expected a few lines at most;
 *     printed last: malloc(24
 *     replay: ./mdriver -c -f floods.rep --stage ./floods.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

#include <stdio.h>

void *mm_malloc(size_t size)
{
    for (;;)
        printf("malloc(%zu)\n", size);
}
