/*
 * mm_names.h - with `-include` this, a program that calls malloc calls the
 * stage's mm_malloc instead, as a self-check program of a student's does.
 */
#ifndef MM_NAMES_H
#define MM_NAMES_H

#include <malloc.h>
#include <stdlib.h>

#include "mm.h"

#define malloc mm_malloc
#define free mm_free
#define calloc mm_calloc
#define realloc mm_realloc
#define memalign mm_memalign

__attribute__((constructor(101))) static void heap_start(void)
{
    if (mm_init() != 0)
        abort();
}

#endif
