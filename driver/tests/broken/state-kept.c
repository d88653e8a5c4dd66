/*
 * state-kept.c - mm_init that forgets to empty the free list.
 *
 * options: -s 60
 * trace:
 *   a 0 24
 *   f 0
 * message:
 *   state-kept.rep:5: op 1 (malloc 0, 24 bytes) in timed pass 2: the block at ADDRESS is outside of what memlib gave, expected it below the break or in a mapping
 *     replay: ./mdriver -f state-kept.rep --stage ./state-kept.so --until 1
 */
#define OWN_MALLOC
#define OWN_FREE
#include "base.h"

static void *cached;

void *mm_malloc(size_t size)
{
    void *p = cached ? cached : base_malloc(size);

    cached = NULL;
    return p;
}

void mm_free(void *ptr)
{
    base_free(ptr);
    cached = ptr;
}
