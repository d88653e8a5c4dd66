/*
 * The adapter of the 2016 era: mm_init returns true when all is fine, and
 * memset and memcpy in mm.c, compiled with -DDRIVER, are the two below.
 */
#include "stage.h"

#include <string.h>

#ifndef STAGE_ALIGN
#define STAGE_ALIGN 16
#endif

extern bool textbook_init(void) __asm__("mm_init");

void *mem_memset(void *dst, int c, size_t n);
void *mem_memcpy(void *dst, const void *src, size_t n);

void *mem_memset(void *dst, int c, size_t n)
{
    return memset(dst, c, n);
}

void *mem_memcpy(void *dst, const void *src, size_t n)
{
    return memcpy(dst, src, n);
}

const struct stage mm_stage = {
    .info = &mm_info,
    .era = "2016",
    .alignment = STAGE_ALIGN,
    .init = textbook_init,
    .malloc = mm_malloc,
    .free = mm_free,
    .realloc = mm_realloc,
    .calloc = mm_calloc,
    .memalign = NULL, /* the era has none */
    .usable_size = mm_usable_size,
    .checkheap = mm_checkheap,
    .walk = mm_walk,
};
