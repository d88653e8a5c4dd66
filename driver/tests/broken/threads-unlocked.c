/*
 * threads-unlocked.c - all at once, two threads find the same free block,
 * surely: each waits for the other before it takes it.
 *
 * trace:
 *   a 0 64
 *   f 0
 *   a 1 32
 *   a 2 64
 *   @ 1
 *   f 1
 *   a 3 64
 * message:
 *   threads-unlocked.ANY op ANY (malloc ANY 64 bytes) in thread ANY all threads at once: the block overlaps block ANY which is live, expected bytes of its own;
 *     it starts where block ANY (64 bytes, allocated at line ANY does
 *     replay: ./mdriver -c -f threads-unlocked.rep --stage ./threads-unlocked.so
 *     when threads meet is left to chance: it may take more than one run
 */
#include <unistd.h>

#define MY_MALLOC
#include "threads.h"

void *mm_malloc(size_t size)
{
    static _Atomic int calls;
    static _Atomic int arrived;
    struct base_block *b = mem_heap_lo();

    if (size != 64 || pass == TURNS || atomic_fetch_add(&calls, 1) == 0)
        return locked_malloc(size);
    while (b->used || b->room != 64)
        b = base_next(b);
    atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < 2)
        usleep(100);
    b->used = thread_number();
    return b + 1;
}
