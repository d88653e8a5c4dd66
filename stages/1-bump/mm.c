/*
 * 1-bump/mm.c - move the break, never reuse.
 *
 * mm_malloc asks memlib for just the bytes it needs, at the end of the heap,
 * and mm_free only marks the block: its memory is lost until mm_init. Nothing
 * is searched and nothing is kept in order, so no allocator is shorter. Each
 * block begins with its size, for without it mm_realloc could not know how
 * much to copy.
 *
 *      header             payload
 *    +----------+----------------------------------+
 *    | size | a |  size - 8 bytes                  |
 *    +----------+----------------------------------+
 *    ^ struct block *
 *               ^ the caller's pointer, 16-byte aligned
 *
 * a = 1 while the block is in use. The heap is 8 bytes of padding, which put
 * the first payload at a multiple of 16, and then the blocks up to the break.
 *
 * Invariants, checked by mm_checkheap:
 *   I1  sizes are multiples of 16, at least MIN_BLOCK, and tile the heap
 *       from its padding to the break
 *
 * Cost: malloc O(1), free O(1); 8 bytes per block, and all blocks ever freed.
 * Source: Bryant and O'Hallaron, CS:APP (3rd ed.), 9.9.4, the "extreme" that
 *         is all throughput and no utilization; brk(2).
 *
 * Since nothing: the first stage.
 */
#include "mm.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "memlib.h"

const struct mm_info mm_info = {
    .name = "bump",
    .number = 1,
    .thread_safe = false,
};

struct block {
    size_t header; /* size of the block in bytes, plus ALLOCATED or FREE */
};

enum { FREE = 0, ALLOCATED = 1 };

enum {
    WORD = sizeof(size_t),
    MIN_BLOCK = MM_ALIGN, /* header and a payload of one word */
};

/* Bytes; what is asked for beyond fails at once, so that no sum overflows. */
static const size_t MAX_REQUEST = PTRDIFF_MAX / 4;

static struct block *heap_first;

/* --- Blocks ----------------------------------------------------------- */

static size_t block_size(const struct block *b)
{
    return b->header & ~(size_t)ALLOCATED;
}

static bool block_is_free(const struct block *b)
{
    return (b->header & ALLOCATED) == FREE;
}

static void *block_payload(struct block *b)
{
    return (char *)b + WORD;
}

static struct block *block_of(const void *payload)
{
    return (struct block *)((char *)payload - WORD);
}

static struct block *block_next(struct block *b)
{
    return (struct block *)((char *)b + block_size(b));
}

/* Bytes from the start of the heap to b. */
static size_t block_offset(const struct block *b)
{
    return (size_t)((const char *)b - (const char *)mem_heap_lo());
}

/* Bytes to cut off b, as a block, to get a payload at a multiple of align. */
static size_t block_gap(struct block *b, size_t align)
{
    return -(uintptr_t)block_payload(b) & (align - 1);
}

static void block_set(struct block *b, size_t size, size_t state)
{
    b->header = size | state;
}

/* --- The heap --------------------------------------------------------- */

/* The break, where the next block will start. */
static struct block *heap_end(void)
{
    return (struct block *)((char *)mem_heap_hi() + 1);
}

/*
 * heap_grow - extend the heap by a free block of size bytes.
 *
 * Returns the block, or NULL with errno = ENOMEM.
 */
static struct block *heap_grow(size_t size)
{
    struct block *b = mem_sbrk((intptr_t)size);

    if (b == (void *)-1)
        return NULL;
    block_set(b, size, FREE);
    return b;
}

/* Cut gap bytes off the free block b; they stay free. Returns the rest. */
static struct block *split_front(struct block *b, size_t gap)
{
    size_t rest = block_size(b) - gap;

    if (gap == 0)
        return b;
    block_set(b, gap, FREE);
    b = block_next(b);
    block_set(b, rest, FREE);
    return b;
}

/* Size of the block that carries a payload of n bytes. */
static size_t size_for(size_t n)
{
    return (n + WORD + MM_ALIGN - 1) & ~(size_t)(MM_ALIGN - 1);
}

/* --- The interface, see mm.h ------------------------------------------ */

int mm_init(void)
{
    size_t *base = mem_sbrk(WORD);

    if (base == (void *)-1)
        return -1;
    heap_first = (struct block *)(base + 1);
    return 0;
}

void *mm_malloc(size_t size)
{
    if (size == 0)
        return NULL;
    if (size > MAX_REQUEST) {
        errno = ENOMEM;
        return NULL;
    }

    struct block *b = heap_grow(size_for(size));
    if (!b)
        return NULL;
    block_set(b, block_size(b), ALLOCATED);
    return block_payload(b);
}

void mm_free(void *ptr)
{
    if (!ptr)
        return;

    /* For mm_walk alone: nothing will ever look for a free block. */
    struct block *b = block_of(ptr);
    block_set(b, block_size(b), FREE);
}

void *mm_memalign(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (align <= MM_ALIGN || size == 0)
        return mm_malloc(size);
    if (align > MAX_REQUEST || size > MAX_REQUEST) {
        errno = ENOMEM;
        return NULL;
    }

    size_t gap = block_gap(heap_end(), align);
    struct block *b = heap_grow(gap + size_for(size));
    if (!b)
        return NULL;
    b = split_front(b, gap);
    block_set(b, block_size(b), ALLOCATED);
    return block_payload(b);
}

size_t mm_usable_size(const void *ptr)
{
    return ptr ? block_size(block_of(ptr)) - WORD : 0;
}

/* --- The checker and the walker --------------------------------------- */

static bool broken(int line, const char *invariant, const struct block *b)
{
    fprintf(stderr, "mm_checkheap(%d): %s broken at heap+0x%zx, header 0x%zx\n",
            line, invariant, block_offset(b), b->header);
    return false;
}

/* The first invariant that block b breaks, or NULL. */
static const char *block_fault(struct block *b)
{
    size_t size = block_size(b);
    size_t room = block_offset(heap_end()) - block_offset(b);

    if (size % MM_ALIGN != 0 || size < MIN_BLOCK || size > room)
        return "I1";
    return NULL;
}

bool mm_checkheap(int line)
{
    for (struct block *b = heap_first; b != heap_end(); b = block_next(b)) {
        const char *invariant = block_fault(b);
        if (invariant)
            return broken(line, invariant, b);
    }
    return true;
}

void mm_walk(mm_visit *visit, void *arg)
{
    struct mm_extent extent = {mem_heap_lo(), WORD, MM_OVERHEAD};
    struct block *b = heap_first;

    visit(&extent, arg);
    for (; b != heap_end(); b = block_next(b)) {
        extent.address = b;
        extent.bytes = block_size(b);
        extent.use = block_is_free(b) ? MM_FREE : MM_USED;
        visit(&extent, arg);
    }
}
