/*
 * shim.c - what real programs need and a student's file may lack.
 *
 * An mm.c of the textbook's lab aligns blocks to 8 bytes, where the machine's
 * calling convention wants 16 and programs crash without; it has no
 * mm_memalign, and nobody can ask how long a block is. So each block gets a
 * head in front of it that says where the stage's block begins and how long
 * the caller's is; the rest of the stage's block is left to it.
 *
 *      stage's block
 *      | 0 to 8 bytes, or more | head | size bytes          |
 *                                     ^ the caller's pointer
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "mm.h"
#include "raw.h"

struct head {
    void *raw;   /* what the stage gave */
    size_t size; /* what the caller asked for, in bytes */
};

enum {
    HEAD = sizeof(struct head),
    STAGE_ALIGN_LEAST = 8, /* of what any stage gives */
    COST = HEAD + MM_ALIGN - STAGE_ALIGN_LEAST,
};

_Static_assert(HEAD % MM_ALIGN == 0, "a block behind a head is aligned");

static struct head *head_of(const void *ptr)
{
    return (struct head *)((uintptr_t)ptr - HEAD);
}

/* Where the caller's block goes in the stage's. */
static char *place(void *raw, size_t align)
{
    return (char *)(((uintptr_t)raw + HEAD + align - 1) & -(uintptr_t)align);
}

static void *head_set(char *ptr, void *raw, size_t size)
{
    *head_of(ptr) = (struct head){raw, size};
    return ptr;
}

void *mm_memalign(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (align < MM_ALIGN)
        align = MM_ALIGN;

    size_t cost = HEAD + align - STAGE_ALIGN_LEAST;
    void *raw = NULL;
    if (size <= PTRDIFF_MAX && align <= PTRDIFF_MAX / 2)
        raw = raw_malloc(cost + size);
    if (!raw) {
        errno = ENOMEM;
        return NULL;
    }
    return head_set(place(raw, align), raw, size);
}

void *mm_malloc(size_t size)
{
    return mm_memalign(MM_ALIGN, size);
}

void mm_free(void *ptr)
{
    if (ptr)
        raw_free(head_of(ptr)->raw);
}

/* A block of another size by the stage's own realloc. The stage may have
 * moved it by 8 bytes too few or too many. */
static void *resize(void *ptr, size_t size)
{
    struct head head = *head_of(ptr);
    ptrdiff_t offset = (char *)ptr - (char *)head.raw;
    char *raw = raw_realloc(head.raw, COST + size);

    if (!raw) {
        errno = ENOMEM;
        return NULL;
    }
    ptr = place(raw, MM_ALIGN);
    if (ptr != raw + offset)
        memmove(ptr, raw + offset, head.size < size ? head.size : size);
    return head_set(ptr, raw, size);
}

void *mm_realloc(void *ptr, size_t size)
{
    if (!ptr)
        return mm_malloc(size);
    if (size == 0) {
        mm_free(ptr);
        return NULL;
    }

    struct head head = *head_of(ptr);
    if (raw_realloc && (char *)ptr - (char *)head.raw <= COST &&
        size <= PTRDIFF_MAX)
        return resize(ptr, size);

    void *moved = mm_malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, ptr, head.size < size ? head.size : size);
    mm_free(ptr);
    return moved;
}

void *mm_calloc(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    void *ptr = mm_malloc(bytes);
    return ptr ? memset(ptr, 0, bytes) : NULL;
}

size_t mm_usable_size(const void *ptr)
{
    return ptr ? head_of(ptr)->size : 0;
}
