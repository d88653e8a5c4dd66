/*
 * The adapter of the classic era (2001 on): mm_init is fine unless negative,
 * mm_checkheap(0) prints what it finds and returns nothing of use, and team
 * and mm_calloc may be there or not.
 */
#include "stage.h"

#ifndef STAGE_ALIGN
#define STAGE_ALIGN 8
#endif

extern void textbook_checkheap(int verbose) __asm__("mm_checkheap");

static bool init(void)
{
    return mm_init() >= 0;
}

static bool checkheap(int line)
{
    (void)line;
    textbook_checkheap(0);
    return true;
}

const struct stage mm_stage = {
    .info = &mm_info,
    .era = "classic",
    .alignment = STAGE_ALIGN,
    .init = init,
    .malloc = mm_malloc,
    .free = mm_free,
    .realloc = mm_realloc,
    .calloc = mm_calloc,
    .memalign = NULL, /* the era has none */
    .usable_size = mm_usable_size,
    .checkheap = checkheap,
    .walk = mm_walk,
};
