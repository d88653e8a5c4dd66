/*
 * forges.c - prints a score and leaves.
 *
 * referee: exit
 * options: -c
 * trace:
 *   a 0 24
 */
#define OWN_MALLOC
#include "../broken/base.h"

#include <stdio.h>
#include <stdlib.h>

void *mm_malloc(size_t size)
{
    printf("1 of 1 traces valid; score 100.0 of 100 (%zu)\n", size);
    exit(0);
}
