/*
 * base.h - a small sound allocator, of which each file here breaks one part.
 *
 * Blocks follow one another from the start of the heap: a header of 16 bytes,
 * then the payload, a multiple of 16. A freed block serves a later request of
 * exactly its size. A file that includes this says with OWN_MALLOC, OWN_FREE
 * and so on which functions of the contract it defines itself; base_malloc,
 * base_free and so on are the sound ones for it to build on.
 */
#ifndef BASE_H
#define BASE_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "memlib.h"
#include "mm.h"

struct base_block {
    size_t room; /* bytes of payload */
    size_t used; /* 1 or 0 */
};

static size_t base_room(size_t size)
{
    return size > 0 ? (size + 15) & ~(size_t)15 : 16;
}

static struct base_block *base_block(const void *payload)
{
    return (struct base_block *)(uintptr_t)payload - 1;
}

static struct base_block *base_next(struct base_block *b)
{
    return (struct base_block *)((char *)(b + 1) + b->room);
}

static struct base_block *base_end(void)
{
    return (struct base_block *)((char *)mem_heap_hi() + 1);
}

static inline int base_init(void)
{
    return 0;
}

static inline void *base_malloc(size_t size)
{
    struct base_block *b = mem_heap_lo();
    size_t room = base_room(size);

    if (size > PTRDIFF_MAX) {
        errno = ENOMEM;
        return NULL;
    }
    while (b != base_end() && (b->used || b->room != room))
        b = base_next(b);
    if (b == base_end()) {
        b = mem_sbrk((intptr_t)(sizeof(*b) + room));
        if (b == (void *)-1)
            return NULL;
    }
    *b = (struct base_block){room, 1};
    return b + 1;
}

static inline void base_free(void *ptr)
{
    if (ptr)
        base_block(ptr)->used = 0;
}

static inline void *base_realloc(void *ptr, size_t size)
{
    if (!ptr)
        return base_malloc(size);
    if (size == 0) {
        base_free(ptr);
        return NULL;
    }

    size_t room = base_block(ptr)->room;
    void *moved = base_malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, ptr, room < size ? room : size);
    base_free(ptr);
    return moved;
}

static inline size_t base_usable_size(const void *ptr)
{
    return ptr ? base_block(ptr)->room : 0;
}

static inline void base_walk(mm_visit *visit, void *arg)
{
    struct base_block *b = mem_heap_lo();

    for (; b != base_end(); b = base_next(b)) {
        struct mm_extent extent = {b, sizeof(*b) + b->room,
                                   b->used ? MM_USED : MM_FREE};
        visit(&extent, arg);
    }
}

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

#ifndef OWN_USABLE_SIZE
size_t mm_usable_size(const void *ptr)
{
    return base_usable_size(ptr);
}
#endif

#ifndef OWN_WALK
void mm_walk(mm_visit *visit, void *arg)
{
    base_walk(visit, arg);
}
#endif

#endif
