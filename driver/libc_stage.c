/* libc_stage.c - libc's malloc behind struct stage; see stage.h. */
#include "libc_stage.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include "stage.h"

/* What the driver itself held at libc_open, in bytes. */
static size_t held_before;

/*
 * Only what is in use is the driver's: a free piece left over from the
 * parent will serve the trace, so it counts. Trimming gives most of it back.
 */
void libc_open(void)
{
    malloc_trim(0);

    struct mallinfo2 info = mallinfo2();
    held_before = info.uordblks + info.hblkhd;
}

size_t libc_footprint(void)
{
    struct mallinfo2 info = mallinfo2();
    size_t held = info.arena + info.hblkhd;

    return held > held_before ? held - held_before : 0;
}

static bool init(void)
{
    return true;
}

static size_t usable_size(const void *ptr)
{
    return malloc_usable_size((void *)(uintptr_t)ptr);
}

static bool checkheap(int line)
{
    (void)line;
    return true;
}

static void walk(mm_visit *visit, void *arg)
{
    (void)visit;
    (void)arg;
}

static const struct mm_info info = {
    .name = "libc",
    .number = 0,
    .thread_safe = true,
};

const struct stage libc_stage = {
    .info = &info,
    .era = "libc",
    .alignment = 2 * sizeof(size_t), /* glibc manual, 3.2.3.6 */
    .init = init,
    .malloc = malloc,
    .free = free,
    .realloc = realloc,
    .calloc = calloc,
    .memalign = memalign,
    .usable_size = usable_size,
    .checkheap = checkheap,
    .walk = walk,
};
