/*
 * one_size.c - a block of always the same size, used a little, then freed.
 *
 * The least that an allocator can do. A byte of every page is written, so an
 * allocator that maps and unmaps its large blocks pays for that.
 */
#include "work.h"

/* Operations of a full run, so that it takes a fraction of a second. */
static long full_work(size_t size)
{
    if (size <= 1024)
        return 24 * 1000 * 1000;
    return size <= 8192 ? 8 * 1000 * 1000
                        : 200L * 1000 * 1000 / (long)(size / 1024);
}

static void run(const struct task *task)
{
    size_t size = (size_t)task->variant;
    long operations = task_share(task, full_work(size));

    for (long i = 0; i < operations; i++) {
        struct held block = held_get(size, (uint32_t)i);

        held_touch(&block);
        held_drop(&block);
    }
}

const struct program one_size_programs[] = {
    {"size-16", "a block of 16 bytes, again and again", run, 16, false},
    {"size-64", "a block of 64 bytes", run, 64, false},
    {"size-1k", "a block of 1 KiB", run, 1024, false},
    {"size-8k", "a block of 8 KiB, a byte a page written", run, 8192, false},
    {"size-64k", "a block of 64 KiB, likewise", run, 65536, false},
    {"size-1m", "a block of 1 MiB, likewise", run, 1 << 20, false},
    {0},
};
