/*
 * base.h - an honest allocator, the body of every attack: a list of freed
 * blocks, searched for an equal size. Slow on purpose, so that an attack on
 * the clock has something to gain.
 */
#ifndef BASE_H
#define BASE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memlib.h"
#include "mm.h"

#ifndef SLOWNESS
#define SLOWNESS 200 /* turns of an empty loop a call */
#endif

struct block {
    size_t size; /* bytes of the payload, a multiple of 16 */
    struct block *next;
};

static struct block *freed;

static inline void base_dawdle(void)
{
    for (volatile int turn = 0; turn < SLOWNESS; turn++)
        ;
}

static inline int base_init(void)
{
    freed = NULL;
    return 0;
}

static inline void *base_malloc(size_t size)
{
    struct block **link = &freed;
    struct block *block;

    base_dawdle();
    if (size > PTRDIFF_MAX - 64)
        return NULL;
    size = (size + 15) & ~(size_t)15;
    while (*link && (*link)->size != size)
        link = &(*link)->next;
    block = *link;
    if (block) {
        *link = block->next;
    } else {
        block = mem_sbrk((intptr_t)(size + sizeof(*block)));
        if (block == (void *)-1)
            return NULL;
        block->size = size;
    }
    return block + 1;
}

static inline void base_free(void *ptr)
{
    struct block *block = (struct block *)ptr - 1;

    if (!ptr)
        return;
    base_dawdle();
    block->next = freed;
    freed = block;
}

static inline void *base_realloc(void *ptr, size_t size)
{
    void *moved = size > 0 ? base_malloc(size) : NULL;

    if (ptr && moved) {
        size_t old = ((struct block *)ptr - 1)->size;
        memcpy(moved, ptr, old < size ? old : size);
    }
    if (moved || size == 0)
        base_free(ptr);
    return moved;
}

/* The functions that an attack does not write itself. */
#ifndef OWN_INIT
int mm_init(void)
{
    return base_init();
}
#endif

#ifndef OWN_MALLOC
void *mm_malloc(size_t size)
{
    return base_malloc(size);
}
#endif

#ifndef OWN_FREE
void mm_free(void *ptr)
{
    base_free(ptr);
}
#endif

#ifndef OWN_REALLOC
void *mm_realloc(void *ptr, size_t size)
{
    return base_realloc(ptr, size);
}
#endif

#endif
