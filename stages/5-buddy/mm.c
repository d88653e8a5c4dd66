/*
 * 5-buddy/mm.c - blocks in powers of two, merged with their buddies by XOR.
 *
 * Memory comes in arenas, each aligned to its own size. An arena is halved
 * until a half is the smallest power of two that fits; the other half, its
 * buddy, goes on the free list of its order. Two buddies differ in one bit of
 * their offset, so XOR finds the one from the other, and a block needs no
 * header: its order is in a byte map at the arena's head, one byte a unit,
 * which masking the pointer finds. Splitting and merging touch one list an
 * order, never a list of all blocks. The price is the rounding: 33 KiB sit
 * in 64 KiB.
 *
 *      arena, aligned to ARENA bytes
 *    +------------------+-----+---------+------------------+------------------+
 *    | region | map     | ... | order k | order k + 1      | order k + 2      |
 *    +------------------+-----+---------+------------------+------------------+
 *      one byte a unit: the order at a block's first unit, plus FREE when it
 *      is; INSIDE at all its other units and at the units of the head itself
 *
 *      large block, a mapping of its own, aligned to ARENA bytes
 *    +--------+---------------------------------------------------------------+
 *    | region | payload                                                       |
 *    +--------+---------------------------------------------------------------+
 *
 * Invariants, checked by mm_checkheap:
 *   I1  regions are aligned to ARENA and in one list, linked both ways
 *   I2  the blocks in an arena's map tile it, each at a multiple of its size
 *   I3  no free block has a free buddy of the same order
 *   I4  free list k holds exactly the free blocks of order k, linked both ways
 *   I5  an arena's used counts the units of its blocks in use
 *
 * Cost: malloc and free O(orders), 14; one byte in 32, and the rounding to a
 * power of two: up to half of a block, about a quarter in the mean.
 * Source: Knowlton, A fast storage allocator, CACM 8:10 (1965);
 *         Knuth, TAOCP vol. 1 (3rd ed.), 2.5, Algorithms R and S.
 *
 * Since nothing: a new line begins here, 1-bump to 4-segregated are another.
 */
#include "mm.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "memlib.h"

const struct mm_info mm_info = {
    .name = "buddy",
    .number = 5,
    .thread_safe = false,
};

enum {
    UNIT_SHIFT = 5,
    UNIT = 1 << UNIT_SHIFT, /* bytes of the smallest block, order 0 */
    ARENA_SHIFT = 18,
    ARENA = 1 << ARENA_SHIFT, /* bytes and alignment of an arena */
    UNITS = ARENA / UNIT,
    ORDERS = ARENA_SHIFT - UNIT_SHIFT, /* 0 to ORDERS - 1: half an arena */
    BLOCK_MAX = UNIT << (ORDERS - 1),  /* larger blocks are mapped */

    /* In the map, beside the orders: */
    FREE = 0x40,
    INSIDE = 0xff,
};

/* The head of every mapping; (payload - 1) masked to ARENA is its address. */
struct region {
    struct region *next; /* in the list of all regions */
    struct region *prev;
    size_t bytes;   /* mapped from the region's address on */
    size_t payload; /* offset of a large block's payload; 0: an arena */
};

struct arena {
    struct region region;
    size_t used; /* units in use */
    uint8_t map[UNITS];
};

/* A free block; in use, all of it is payload. */
struct block {
    struct block *next;
    struct block *prev;
};

enum { HEAD_UNITS = (sizeof(struct arena) + UNIT - 1) / UNIT };

_Static_assert(sizeof(struct block) <= UNIT, "links fit");
_Static_assert(ORDERS < FREE, "an order and FREE fit a byte of the map");
_Static_assert(UNIT % MM_ALIGN == 0, "blocks are aligned");

static struct region *region_first;
static struct block *free_first[ORDERS];
static struct arena *arena_spare; /* an arena without a block, or NULL */

/* --- Regions ---------------------------------------------------------- */

static struct region *region_of(const void *payload)
{
    return (struct region *)(((uintptr_t)payload - 1) &
                             ~(uintptr_t)(ARENA - 1));
}

static bool region_is_arena(const struct region *r)
{
    return r->payload == 0;
}

static void region_list(struct region *r)
{
    r->prev = NULL;
    r->next = region_first;
    if (r->next)
        r->next->prev = r;
    region_first = r;
}

static void region_unlist(struct region *r)
{
    if (r->prev)
        r->prev->next = r->next;
    else
        region_first = r->next;
    if (r->next)
        r->next->prev = r->prev;
}

/* --- Blocks ----------------------------------------------------------- */

static struct arena *arena_of(const struct block *b)
{
    return (struct arena *)((uintptr_t)b & ~(uintptr_t)(ARENA - 1));
}

static size_t block_unit(const struct block *b)
{
    return ((uintptr_t)b & (ARENA - 1)) >> UNIT_SHIFT;
}

static struct block *block_at(struct arena *a, size_t unit)
{
    return (struct block *)((char *)a + (unit << UNIT_SHIFT));
}

static uint8_t *block_state(const struct block *b)
{
    return &arena_of(b)->map[block_unit(b)];
}

static unsigned block_order(const struct block *b)
{
    return *block_state(b) & (FREE - 1);
}

static bool block_is_used(const struct block *b)
{
    return *block_state(b) < FREE;
}

static struct block *block_buddy(const struct block *b, unsigned order)
{
    return block_at(arena_of(b), block_unit(b) ^ ((size_t)1 << order));
}

/* The lower one of a block and its buddy, where the two merged begin. */
static struct block *block_lower(const struct block *b, unsigned order)
{
    return block_at(arena_of(b), block_unit(b) & ~((size_t)1 << order));
}

/* --- The free lists --------------------------------------------------- */

/* Put the block of this order on its free list, and say so in the map. */
static void list_push(struct block *b, unsigned order)
{
    *block_state(b) = (uint8_t)(order | FREE);
    b->prev = NULL;
    b->next = free_first[order];
    if (b->next)
        b->next->prev = b;
    free_first[order] = b;
}

/* Take a block off its free list; what becomes of it, the caller says. */
static void list_remove(struct block *b)
{
    if (b->prev)
        b->prev->next = b->next;
    else
        free_first[block_order(b)] = b->next;
    if (b->next)
        b->next->prev = b->prev;
    *block_state(b) = INSIDE;
}

/* --- The heap --------------------------------------------------------- */

/* Cut the units behind an arena's head into the largest blocks there are. */
static void arena_fill(struct arena *a)
{
    size_t unit = HEAD_UNITS;

    for (size_t i = 0; i < UNITS; i++)
        a->map[i] = INSIDE;
    while (unit < UNITS) {
        unsigned order = (unsigned)__builtin_ctzl(unit);

        list_push(block_at(a, unit), order);
        unit += (size_t)1 << order;
    }
}

/* heap_grow - map one more arena. Returns false with errno = ENOMEM. */
static bool heap_grow(void)
{
    struct arena *a = mem_map(ARENA, ARENA);

    if (!a)
        return false;
    a->region.bytes = ARENA;
    a->region.payload = 0;
    a->used = 0;
    region_list(&a->region);
    arena_fill(a);
    return true;
}

/* Unmap an arena without blocks; its free ones leave their lists. */
static void arena_unmap(struct arena *a)
{
    size_t unit = HEAD_UNITS;

    while (unit < UNITS) {
        struct block *b = block_at(a, unit);
        unit += (size_t)1 << block_order(b);
        list_remove(b);
    }
    region_unlist(&a->region);
    mem_unmap(a, ARENA);
}

/* An arena has lost its last block: keep it, but not two such. */
static void arena_retire(struct arena *a)
{
    if (arena_spare && arena_spare != a && arena_spare->used == 0)
        arena_unmap(arena_spare);
    arena_spare = a;
}

/* The smallest order whose blocks hold size bytes. */
static unsigned order_for(size_t size)
{
    if (size <= UNIT)
        return 0;
    return (unsigned)(64 - __builtin_clzl(size - 1) - UNIT_SHIFT);
}

/* First block of the smallest order that has one, from order up; or NULL. */
static struct block *find_fit(unsigned order)
{
    for (; order < ORDERS; order++) {
        if (free_first[order])
            return free_first[order];
    }
    return NULL;
}

/* Take free block b for an order; what it has too much goes back in halves. */
static void place(struct block *b, unsigned order)
{
    unsigned has = block_order(b);

    list_remove(b);
    while (has > order) {
        has--;
        list_push(block_buddy(b, has), has);
    }
    *block_state(b) = (uint8_t)order;
    arena_of(b)->used += (size_t)1 << order;
}

/* Free the block b, merged with its buddy as long as that is free. */
static void coalesce(struct block *b)
{
    unsigned order = block_order(b);

    *block_state(b) = INSIDE;
    for (; order < ORDERS - 1; order++) {
        struct block *buddy = block_buddy(b, order);

        if (*block_state(buddy) != (order | FREE))
            break;
        list_remove(buddy);
        b = block_lower(b, order);
    }
    list_push(b, order);
}

/* block_alloc - a block of the order. NULL with errno = ENOMEM. */
static struct block *block_alloc(unsigned order)
{
    struct block *b = find_fit(order);

    if (!b && heap_grow())
        b = find_fit(order);
    if (b)
        place(b, order);
    return b;
}

static void block_free(struct block *b)
{
    struct arena *a = arena_of(b);

    a->used -= (size_t)1 << block_order(b);
    coalesce(b);
    if (a->used == 0)
        arena_retire(a);
}

/* --- Large blocks ----------------------------------------------------- */

/*
 * large_alloc - map size bytes, payload at a multiple of align.
 *
 * The payload stands align bytes behind an aligned address, so that the head
 * has room; pages before the head's are given back. Returns the payload; NULL
 * with errno = ENOMEM.
 */
static void *large_alloc(size_t align, size_t size)
{
    size_t front = align > sizeof(struct region) ? align : 4 * MM_ALIGN;

    if (size > PTRDIFF_MAX - front) {
        errno = ENOMEM;
        return NULL;
    }

    size_t page = mem_pagesize();
    size_t bytes = (front + size + page - 1) & ~(page - 1);
    char *base = mem_map(bytes, front > ARENA ? front : ARENA);
    if (!base)
        return NULL;

    struct region *r = region_of(base + front);
    size_t unused = (size_t)((char *)r - base);
    if (unused > 0)
        mem_unmap(base, unused);
    r->bytes = bytes - unused;
    r->payload = front - unused;
    region_list(r);
    return base + front;
}

static void large_free(struct region *r)
{
    region_unlist(r);
    mem_unmap(r, r->bytes);
}

/* The map shows no block in use at ptr: a bug of the caller. */
static _Noreturn void misuse(const char *function, const void *ptr)
{
    fprintf(stderr, "%s: %p is not a block in use; freed before?\n", function,
            ptr);
    abort();
}

/* --- The interface, see mm.h ------------------------------------------ */

int mm_init(void)
{
    region_first = NULL;
    arena_spare = NULL;
    for (unsigned order = 0; order < ORDERS; order++)
        free_first[order] = NULL;
    return 0;
}

void *mm_malloc(size_t size)
{
    if (size == 0)
        return NULL;
    if (size > BLOCK_MAX)
        return large_alloc(MM_ALIGN, size);
    return block_alloc(order_for(size));
}

void mm_free(void *ptr)
{
    if (!ptr)
        return;

    int saved = errno;
    struct region *r = region_of(ptr);
    if (!region_is_arena(r))
        large_free(r);
    else if (block_is_used(ptr))
        block_free(ptr);
    else
        misuse("mm_free", ptr);
    errno = saved;
}

void *mm_memalign(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (size == 0)
        return NULL;
    if (size <= BLOCK_MAX && align <= BLOCK_MAX)
        return block_alloc(order_for(size > align ? size : align));
    return large_alloc(align, size);
}

size_t mm_usable_size(const void *ptr)
{
    if (!ptr)
        return 0;

    struct region *r = region_of(ptr);
    if (region_is_arena(r))
        return (size_t)UNIT << block_order(ptr);
    return r->bytes - r->payload;
}

/* --- The checker and the walker --------------------------------------- */

static bool broken(int line, const char *invariant, const void *at)
{
    fprintf(stderr, "mm_checkheap(%d): %s broken at %p\n", line, invariant, at);
    return false;
}

/* Check one arena's map, and count its free blocks by order. */
static bool arena_check(int line, struct arena *a, size_t free_blocks[ORDERS])
{
    size_t unit = HEAD_UNITS;
    size_t used = 0;

    while (unit < UNITS) {
        struct block *b = block_at(a, unit);
        unsigned order = block_order(b);
        size_t units = (size_t)1 << order;

        if (order >= ORDERS || unit % units != 0 || unit + units > UNITS)
            return broken(line, "I2", b);
        for (size_t i = 1; i < units; i++) {
            if (a->map[unit + i] != INSIDE)
                return broken(line, "I2", b);
        }
        if (block_is_used(b)) {
            used += units;
        } else {
            free_blocks[order]++;
            if (order < ORDERS - 1 &&
                *block_state(block_buddy(b, order)) == *block_state(b))
                return broken(line, "I3", b);
        }
        unit += units;
    }
    return used == a->used || broken(line, "I5", a);
}

static bool list_check(int line, unsigned order, size_t free_blocks)
{
    const struct block *prev = NULL;
    size_t listed = 0;

    for (struct block *b = free_first[order]; b; b = b->next) {
        if (*block_state(b) != (order | FREE) || b->prev != prev ||
            ++listed > free_blocks)
            return broken(line, "I4", b);
        prev = b;
    }
    return listed == free_blocks || broken(line, "I4", free_first[order]);
}

bool mm_checkheap(int line)
{
    size_t free_blocks[ORDERS] = {0};

    const struct region *prev = NULL;

    for (struct region *r = region_first; r; prev = r, r = r->next) {
        if ((uintptr_t)r % ARENA != 0 || r->prev != prev)
            return broken(line, "I1", r);
        if (region_is_arena(r) &&
            !arena_check(line, (struct arena *)r, free_blocks))
            return false;
    }
    for (unsigned order = 0; order < ORDERS; order++) {
        if (!list_check(line, order, free_blocks[order]))
            return false;
    }
    return true;
}

static void visit_bytes(const void *address, size_t bytes, enum mm_use use,
                        mm_visit *visit, void *arg)
{
    struct mm_extent extent = {address, bytes, use};

    visit(&extent, arg);
}

static void arena_walk(struct arena *a, mm_visit *visit, void *arg)
{
    size_t unit = HEAD_UNITS;

    visit_bytes(a, (size_t)HEAD_UNITS * UNIT, MM_OVERHEAD, visit, arg);
    while (unit < UNITS) {
        struct block *b = block_at(a, unit);
        size_t units = (size_t)1 << block_order(b);

        visit_bytes(b, units * UNIT, block_is_used(b) ? MM_USED : MM_FREE,
                    visit, arg);
        unit += units;
    }
}

/* The region of the lowest address above that of r; NULL: there is none. */
static struct region *region_above(const struct region *r)
{
    struct region *above = NULL;

    for (struct region *at = region_first; at; at = at->next) {
        if (at > r && (!above || at < above))
            above = at;
    }
    return above;
}

void mm_walk(mm_visit *visit, void *arg)
{
    for (struct region *r = region_above(NULL); r; r = region_above(r)) {
        if (region_is_arena(r))
            arena_walk((struct arena *)r, visit, arg);
        else
            visit_bytes(r, r->bytes, MM_USED, visit, arg);
    }
}
