/*
 * 7-thread-cache/mm.c - a cache of slots a thread, locks only behind it.
 *
 * The slabs of 6-slab serve many threads now. Every thread keeps, for each
 * class, a bin of free slots of its own, so most calls of mm_malloc and
 * mm_free touch nothing that another thread writes, and take no lock. A bin
 * that runs dry takes a chain of slots at once, and one that has grown too
 * long leaves half of it: in the depot of the class, from where another
 * thread can take the chain as it is, or, when that is full, in the slabs. So
 * a slot freed by another thread than the one that asked for it goes round
 * for a small part of a lock. When a thread ends, its bins are emptied. An
 * arena without a block, and a large block's mapping once it is freed, stay
 * for a while in case they are needed again.
 *
 *      thread:  first[c] -> slot -> slot -> ... -> NULL     no lock
 *                           |   ^
 *                     give  v   |  take, a chain at a time
 *      class:   depots[c]: chain, chain                     class_lock[c]
 *                           |   ^
 *                           v   |
 *               slab_first[c]: slab -> slab -> NULL         as in 6-slab
 *                           |   ^
 *                           v   |  a slab at a time
 *      heap:    pages of the buddy, regions                 heap_lock
 *
 * Invariants, checked by mm_checkheap:
 *   I1  regions are aligned to ARENA and in one list, linked both ways
 *   I2  the blocks in an arena's map tile it, each at a multiple of its size
 *   I3  no free block has a free buddy of the same order
 *   I4  free list k holds exactly the free blocks of order k, linked both ways
 *   I5  an arena's used counts the units of its blocks in use
 *   I6  a slab's pages name it and its class, which gives its order
 *   I7  a slab's used slots, listed slots and untouched slots are all it has;
 *       a slot in a bin or a depot counts as used
 *   I8  class list c holds exactly the slabs of class c with a slot to give
 *   I9  slots in bins and depots are of their class; a chain in a depot has
 *       at most bin_half + 1, a bin bin_half more, and a budget of bin_half
 *
 * Locks: class_lock[c] before heap_lock; all of them, in order, only in
 * mm_walk, mm_checkheap and around a fork.
 *
 * Cost: malloc and free O(1), 14 and 18 instructions, no lock, but for one
 * call in bin_half; each thread may keep 32 KiB or 4 slots a class.
 * Source: Ghemawat and Menage, TCMalloc: Thread-Caching Malloc (2005);
 *         Bonwick and Adams, Magazines and Vmem, USENIX 2001, for the depot;
 *         Bonwick, The slab allocator, USENIX Summer 1994;
 *         Knowlton, A fast storage allocator, CACM 8:10 (1965), for pages.
 *
 * Since 6-slab: new region_class, chain_put, chain_take, depot_give,
 *         depot_take, bin_keep, bin_trim, bin_batch, cache_close, cache_open,
 *         slot_refill, slot_free, spare_take, spare_keep, large_map,
 *         region_is_empty, region_unmap, heap_shrink, heap_shrink_all,
 *         clock_ms, heap_decay, locks_take, locks_give, process_init,
 *         malloc_untabled, free_untimely, mm_calloc, chain_check,
 *         chains_check, heap_check, slab_mark;
 *         gone arena_retire;
 *         changed heap_grow, block_alloc, block_free, slab_new, slot_alloc,
 *         large_alloc, large_resize, large_free, mm_init, mm_malloc, mm_free,
 *         mm_realloc, mm_usable_size, slab_check, mm_checkheap,
 *         slab_mark_free, mm_walk.
 */
#include "mm.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memlib.h"

const struct mm_info mm_info = {
    .name = "thread-cache",
    .number = 7,
    .thread_safe = true,
};

enum {
    UNIT_SHIFT = 12,
    UNIT = 1 << UNIT_SHIFT, /* bytes of the smallest block, order 0: a page */
    ARENA_SHIFT = 18,
    ARENA = 1 << ARENA_SHIFT, /* bytes and alignment of an arena */
    UNITS = ARENA / UNIT,
    ORDERS = ARENA_SHIFT - UNIT_SHIFT, /* 0 to ORDERS - 1: half an arena */
    SLOT_MAX = 32 * 1024,              /* larger blocks are mapped */

    /* In the map, beside the orders: */
    FREE = 0x40,
    INSIDE = 0xff,
};

/*
 * Classes: slots of 16, 32, ... 128 bytes, then four to each doubling, so
 * 160, 192, 224, 256, 320 ... SLOT_MAX.
 */
enum {
    FINE_SHIFT = 7, /* up to 1 << FINE_SHIFT bytes, MM_ALIGN apart */
    FINE_CLASSES = (1 << FINE_SHIFT) / MM_ALIGN,
    CLASSES = FINE_CLASSES + 4 * 8,
    SLOTS_MAX = UNIT / MM_ALIGN, /* in a slab; those of order 0 have most */
    LARGE = CLASSES,             /* a block that is no slot */
    TABLE_MAX = 1024,            /* up to here a table knows the class */
};

_Static_assert(SLOT_MAX == 1 << (FINE_SHIFT + 8), "eight doublings");

enum {
    BIN_BYTES = 32 * 1024, /* in a bin at most, ... */
    BIN_SLOTS = 512,       /* or so many slots, ... */
    BIN_LEAST = 4,         /* but so many in any case */
    DEPOT_CHAINS = 2,      /* kept for threads in need of slots, a class */
    DECAY_MS = 200,        /* an empty arena stays mapped for so long */
    SPARES = 8,            /* mappings of large blocks kept, if they are ... */
    SPARE_MAX = 1 << 21,   /* of so many bytes at most */
};

/* The head of every mapping; (payload - 1) masked to ARENA is its address. */
struct region {
    struct region *next; /* in the list of all regions */
    struct region *prev;
    size_t bytes;         /* mapped from the region's address on */
    size_t payload;       /* offset of a large block's payload; 0: an arena */
    uint8_t class[UNITS]; /* of the slots in a page; LARGE in a large block */
    bool is_idle;         /* nothing was in use at the last decay, nor since */
    bool is_spare;        /* a large block that is free */
    bool is_dirty;        /* a large block that was in use before */
};

/* A free slot; in use, all of it is payload. */
struct slot {
    struct slot *next;
};

/* A block in use, cut into slots. */
struct slab {
    struct slab *next; /* of this class, while it has a slot to give */
    struct slab *prev;
    struct slot *free;  /* slots given back */
    char *untouched;    /* first slot never handed out */
    uint16_t used;      /* slots in use */
    uint16_t remaining; /* slots from untouched on */
    uint8_t class;
};

struct arena {
    struct region region;
    size_t used; /* units in use */
    uint8_t map[UNITS];
    uint8_t first[UNITS]; /* of a slab's page: the slab's first unit */
    struct slab slabs[UNITS];
};

/* A free block; in use, it is a slab. */
struct block {
    struct block *next;
    struct block *prev;
};

/*
 * A thread's free slots, a list a class: its bins. mm_malloc takes from the
 * front, mm_free puts there and draws on a budget; when that is used up, the
 * bin is looked at, and what is too much goes to the depot. So neither counts
 * the slots. All is zero at first, also the budget: there is no bin of class
 * LARGE, and its budget stays zero.
 */
struct cache {
    struct slot *first[CLASSES];
    int budget[CLASSES + 1];
    int batch[CLASSES]; /* slots it last got when it was empty */
    bool is_open;       /* the thread's end will close it */
    bool is_closed;     /* the thread is ending: bins keep nothing */
};

/* Chains of free slots, left by one thread for another to take whole. */
struct depot {
    struct slot *chains[DEPOT_CHAINS];
    unsigned count;
};

enum {
    HEAD_UNITS = (sizeof(struct arena) + UNIT - 1) / UNIT,
    LARGE_FRONT = 128, /* bytes before a large block's payload */
};

_Static_assert(sizeof(struct block) <= UNIT, "links fit");
_Static_assert(sizeof(struct region) <= LARGE_FRONT, "the head fits");
_Static_assert(ORDERS < FREE, "an order and FREE fit a byte of the map");
_Static_assert(UNITS - 1 <= UINT8_MAX, "a unit fits a byte of first");

static struct region *region_first;
static struct block *free_first[ORDERS];
static uint8_t class_table[TABLE_MAX / MM_ALIGN]; /* by (size - 1) / 16 */

static struct region *spares[SPARES]; /* NULL: no mapping there */
static unsigned spare_next;           /* the one to be replaced */
static atomic_long decay_due;         /* when regions may decay again, in ms */
static pthread_mutex_t heap_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t class_lock[CLASSES]; /* of the next two, and slabs */
static struct slab *slab_first[CLASSES];
static struct depot depots[CLASSES];
static int bin_half[CLASSES];   /* slots in a bin at most, halved */
static pthread_key_t cache_key; /* its destructor closes a cache */
static _Thread_local struct cache cache
    __attribute__((tls_model("initial-exec")));

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

/* The class of a block; a large one's page may be any, or the next region's. */
static unsigned region_class(const struct region *r, const void *payload)
{
    return r->class[((uintptr_t)payload & (ARENA - 1)) >> UNIT_SHIFT];
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
    a->region.is_idle = false;
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

/* A region in which nothing is in use, an arena or a spare. */
static bool region_is_empty(const struct region *r)
{
    return region_is_arena(r) ? ((const struct arena *)r)->used == 0
                              : r->is_spare;
}

static void region_unmap(struct region *r)
{
    if (region_is_arena(r)) {
        arena_unmap((struct arena *)r);
        return;
    }
    for (unsigned i = 0; i < SPARES; i++) {
        if (spares[i] == r)
            spares[i] = NULL;
    }
    region_unlist(r);
    mem_unmap(r, r->bytes);
}

/* Unmap the empty regions, or those idle so long; true if there were any. */
static bool heap_shrink(bool only_idle)
{
    bool any = false;

    for (struct region *r = region_first, *next; r; r = next) {
        bool is_empty = region_is_empty(r);

        next = r->next;
        if (is_empty && (r->is_idle || !only_idle)) {
            region_unmap(r);
            any = true;
        } else {
            r->is_idle = is_empty;
        }
    }
    return any;
}

static long clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Unmap the regions that were empty at the last decay and have been since: a
 * program that frees much and takes it again soon does not pay the system for
 * it twice, one that stays small gives it back. Called now and then, and does
 * something once in DECAY_MS.
 */
static void heap_decay(void)
{
    long now = clock_ms();

    if (now < atomic_load_explicit(&decay_due, memory_order_relaxed))
        return;
    pthread_mutex_lock(&heap_lock);
    atomic_store_explicit(&decay_due, now + DECAY_MS, memory_order_relaxed);
    heap_shrink(true);
    pthread_mutex_unlock(&heap_lock);
}

/* block_alloc - a block of the order. NULL with errno = ENOMEM. */
static struct block *block_alloc(unsigned order)
{
    pthread_mutex_lock(&heap_lock);
    struct block *b = find_fit(order);
    if (!b && (heap_grow() || (heap_shrink(false) && heap_grow())))
        b = find_fit(order);
    if (b) {
        place(b, order);
        arena_of(b)->region.is_idle = false;
    }
    pthread_mutex_unlock(&heap_lock);
    return b;
}

static void block_free(struct block *b)
{
    struct arena *a = arena_of(b);

    pthread_mutex_lock(&heap_lock);
    a->used -= (size_t)1 << block_order(b);
    coalesce(b);
    pthread_mutex_unlock(&heap_lock);
}

/* --- Classes ---------------------------------------------------------- */

/* The smallest class whose slots hold size bytes, 1 to SLOT_MAX. */
static unsigned class_for(size_t size)
{
    size_t last = size - 1;

    if (last >> FINE_SHIFT == 0)
        return (unsigned)(last / MM_ALIGN);

    unsigned top = 63 - (unsigned)__builtin_clzl(last);
    return FINE_CLASSES + 4 * (top - FINE_SHIFT) +
           (unsigned)(last >> (top - 2)) % 4;
}

/* Bytes of a slot. */
static size_t class_size(unsigned c)
{
    if (c < FINE_CLASSES)
        return (c + 1) * (size_t)MM_ALIGN;

    unsigned doubling = (c - FINE_CLASSES) / 4;
    size_t quarter = (c - FINE_CLASSES) % 4 + 1;
    return ((size_t)1 << (FINE_SHIFT + doubling)) +
           (quarter << (FINE_SHIFT + doubling - 2));
}

/* The smallest slab whose tail, too short for a slot, is at most an eighth. */
static unsigned class_order(unsigned c)
{
    size_t size = class_size(c);
    unsigned order = 0;

    while (((size_t)UNIT << order) % size * 8 > (size_t)UNIT << order ||
           (size_t)UNIT << order < size)
        order++;
    return order;
}

static uint16_t class_slots(unsigned c)
{
    return (uint16_t)(((size_t)UNIT << class_order(c)) / class_size(c));
}

/* --- Slabs ------------------------------------------------------------ */

static struct slab *slab_of(const void *payload)
{
    struct arena *a = arena_of(payload);

    return &a->slabs[a->first[block_unit(payload)]];
}

static struct block *slab_block(struct slab *s)
{
    struct arena *a = (struct arena *)region_of(s);

    return block_at(a, (size_t)(s - a->slabs));
}

static bool slab_is_full(const struct slab *s)
{
    return !s->free && s->remaining == 0;
}

static void slab_list(struct slab *s)
{
    s->prev = NULL;
    s->next = slab_first[s->class];
    if (s->next)
        s->next->prev = s;
    slab_first[s->class] = s;
}

static void slab_unlist(struct slab *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        slab_first[s->class] = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

/* slab_new - a listed slab of the class. NULL with errno = ENOMEM. */
static struct slab *slab_new(unsigned c)
{
    unsigned order = class_order(c);
    struct block *b = block_alloc(order);

    if (!b)
        return NULL;

    struct arena *a = arena_of(b);
    size_t unit = block_unit(b);
    for (size_t i = 0; i < (size_t)1 << order; i++) {
        a->first[unit + i] = (uint8_t)unit;
        a->region.class[unit + i] = (uint8_t)c;
    }

    struct slab *s = &a->slabs[unit];
    s->free = NULL;
    s->untouched = (char *)b;
    s->used = 0;
    s->remaining = class_slots(c);
    s->class = (uint8_t)c;
    slab_list(s);
    return s;
}

/* Take a slot of a slab that has one; untouched ones come last. */
static void *slab_take(struct slab *s)
{
    struct slot *slot = s->free;

    if (slot) {
        s->free = slot->next;
    } else {
        slot = (struct slot *)s->untouched;
        s->untouched += class_size(s->class);
        s->remaining--;
    }
    s->used++;
    if (slab_is_full(s))
        slab_unlist(s);
    return slot;
}

/* A slot comes back to a slab that has none in use: a bug of the caller. */
static _Noreturn void slab_misuse(const struct slot *slot)
{
    fprintf(stderr, "mm_free: %p is not a block in use; freed before?\n",
            (const void *)slot);
    abort();
}

/*
 * Put a slot back. A slab that was full has one to give again; one with none
 * in use goes back to the buddy, unless it is the last of its class: the next
 * malloc would have to build it anew.
 */
static void slab_put(struct slab *s, struct slot *slot)
{
    if (s->used == 0)
        slab_misuse(slot);
    if (slab_is_full(s))
        slab_list(s);
    slot->next = s->free;
    s->free = slot;
    s->used--;
    if (s->used == 0 && (s->next || s->prev)) {
        slab_unlist(s);
        block_free(slab_block(s));
    }
}

/* --- Depots ----------------------------------------------------------- */

/* Put every slot of a chain back into its slab. */
static void chain_put(struct slot *chain)
{
    while (chain) {
        struct slot *slot = chain;

        chain = slot->next;
        slab_put(slab_of(slot), slot);
    }
}

/* A chain of count slots in the order of the slabs; as many as memory has. */
static struct slot *chain_take(unsigned c, int count)
{
    struct slot *chain = NULL;
    struct slot **last = &chain;

    for (; count > 0; count--) {
        struct slab *s = slab_first[c];

        if (!s)
            s = slab_new(c);
        if (!s)
            break;
        *last = slab_take(s);
        last = &(*last)->next;
    }
    *last = NULL;
    return chain;
}

static void depot_give(unsigned c, struct slot *chain)
{
    struct depot *d = &depots[c];

    pthread_mutex_lock(&class_lock[c]);
    if (d->count < DEPOT_CHAINS)
        d->chains[d->count++] = chain;
    else
        chain_put(chain);
    pthread_mutex_unlock(&class_lock[c]);
}

/* depot_take - a chain left there, or else of up to count slots; or NULL. */
static struct slot *depot_take(unsigned c, int count)
{
    struct depot *d = &depots[c];
    struct slot *chain;

    pthread_mutex_lock(&class_lock[c]);
    if (d->count > 0)
        chain = d->chains[--d->count];
    else
        chain = chain_take(c, count);
    pthread_mutex_unlock(&class_lock[c]);
    return chain;
}

/* --- Bins ------------------------------------------------------------- */

/* Slots that stay in a bin when it is looked at; before, twice as many. */
static int bin_keep(unsigned c)
{
    return cache.is_closed ? 0 : bin_half[c];
}

/* Give the depot the slots that a bin has too many; the oldest are last. */
static void bin_trim(unsigned c)
{
    struct slot **end = &cache.first[c];

    for (int keep = bin_keep(c); keep > 0 && *end; keep--)
        end = &(*end)->next;
    if (*end) {
        depot_give(c, *end);
        *end = NULL;
    }
    cache.budget[c] = bin_keep(c);
}

static void cache_close(void *unused)
{
    (void)unused;
    for (unsigned c = 0; c < CLASSES; c++)
        bin_trim(c); /* in two steps, or a chain would be too long: I9 */
    cache.is_closed = true;
    for (unsigned c = 0; c < CLASSES; c++)
        bin_trim(c);
}

/* On a thread's first use of its bins: see to it that they are emptied. */
static void cache_open(void)
{
    cache.is_open = true; /* first, as pthread_setspecific may allocate */
    pthread_setspecific(cache_key, &cache);
}

/* How many slots a bin that has run dry gets: twice as many each time. */
static int bin_batch(unsigned c)
{
    int batch = 2 * cache.batch[c] + 1;

    cache.batch[c] = batch < bin_half[c] ? batch : bin_half[c];
    return cache.is_closed ? 1 : cache.batch[c];
}

/* slot_refill - a slot of the class, whose bin is empty; NULL with ENOMEM. */
static __attribute__((noinline)) void *slot_refill(unsigned c)
{
    if (!cache.is_open)
        cache_open();

    struct slot *slot = depot_take(c, bin_batch(c));
    if (!slot)
        return NULL;
    cache.first[c] = slot->next;
    bin_trim(c);
    return slot;
}

/* slot_alloc - a slot of the class. NULL with errno = ENOMEM. */
static void *slot_alloc(unsigned c)
{
    struct slot *slot = cache.first[c];

    if (!slot)
        return slot_refill(c);
    cache.first[c] = slot->next;
    return slot;
}

static void slot_free(unsigned c, struct slot *slot)
{
    slot->next = cache.first[c];
    cache.first[c] = slot;
}

/* --- Large blocks ----------------------------------------------------- */

/* Whole pages that hold size bytes. */
static size_t pages_for(size_t size)
{
    return (size + mem_pagesize() - 1) & ~(mem_pagesize() - 1);
}

static bool heap_shrink_all(void)
{
    pthread_mutex_lock(&heap_lock);
    bool any = heap_shrink(false);
    pthread_mutex_unlock(&heap_lock);
    return any;
}

/* A spare mapping that fits bytes, with a quarter to lose at most; or NULL. */
static struct region *spare_take(size_t bytes)
{
    struct region *found = NULL;

    pthread_mutex_lock(&heap_lock);
    for (unsigned i = 0; i < SPARES && !found; i++) {
        struct region *r = spares[i];

        if (r && r->bytes >= bytes && r->bytes - bytes <= bytes / 4) {
            found = r;
            found->is_spare = false;
            found->is_idle = false;
            spares[i] = NULL;
        }
    }
    pthread_mutex_unlock(&heap_lock);
    return found;
}

/* Keep a mapping; returns the one it takes the place of, unlisted, or NULL. */
static struct region *spare_keep(struct region *r)
{
    struct region *old = spares[spare_next];

    r->is_spare = true;
    r->is_dirty = true;
    spares[spare_next] = r;
    spare_next = (spare_next + 1) % SPARES;
    if (old)
        region_unlist(old);
    return old;
}

/*
 * large_map - map size bytes, payload at a multiple of align.
 *
 * The payload stands align bytes behind an aligned address, so that the head
 * has room; pages before the head's are given back. Returns the region; NULL
 * with errno = ENOMEM.
 */
static struct region *large_map(size_t align, size_t size)
{
    size_t front = align > LARGE_FRONT ? align : LARGE_FRONT;
    size_t bytes = pages_for(front + size);
    size_t boundary = front > ARENA ? front : ARENA;
    char *base = mem_map(bytes, boundary);

    if (!base && heap_shrink_all())
        base = mem_map(bytes, boundary);
    if (!base)
        return NULL;

    struct region *r = region_of(base + front);
    size_t unused = (size_t)((char *)r - base);
    if (unused > 0)
        mem_unmap(base, unused);
    r->bytes = bytes - unused;
    r->payload = front - unused;
    r->is_idle = false;
    r->is_spare = false;
    r->is_dirty = false;
    memset(r->class, LARGE, sizeof(r->class));
    pthread_mutex_lock(&heap_lock);
    region_list(r);
    pthread_mutex_unlock(&heap_lock);
    return r;
}

/* large_alloc - the payload of a large block. NULL with errno = ENOMEM. */
static void *large_alloc(size_t align, size_t size)
{
    struct region *r = NULL;

    if (size > PTRDIFF_MAX || align > PTRDIFF_MAX - size) {
        errno = ENOMEM;
        return NULL;
    }
    if (align <= LARGE_FRONT && size <= SPARE_MAX)
        r = spare_take(pages_for(LARGE_FRONT + size));
    if (!r)
        r = large_map(align, size);
    return r ? (char *)r + r->payload : NULL;
}

/*
 * large_resize - change a large block's size, moving its pages if needed.
 *
 * Returns the payload; NULL with errno = ENOMEM, the block being as it was.
 */
static void *large_resize(struct region *r, size_t size)
{
    if (size > PTRDIFF_MAX - r->payload) {
        errno = ENOMEM;
        return NULL;
    }

    size_t bytes = pages_for(r->payload + size);
    pthread_mutex_lock(&heap_lock);
    region_unlist(r);
    struct region *moved = mem_remap(r, r->bytes, bytes, ARENA);
    if (!moved && heap_shrink(false))
        moved = mem_remap(r, r->bytes, bytes, ARENA);
    if (moved) {
        r = moved;
        r->bytes = bytes;
    }
    region_list(r);
    pthread_mutex_unlock(&heap_lock);
    return moved ? (char *)r + r->payload : NULL;
}

static void large_free(struct region *r)
{
    pthread_mutex_lock(&heap_lock);
    if (r->bytes <= SPARE_MAX && r->payload == LARGE_FRONT)
        r = spare_keep(r);
    else
        region_unlist(r);
    pthread_mutex_unlock(&heap_lock);
    if (r)
        mem_unmap(r, r->bytes);
}

/* --- All locks -------------------------------------------------------- */

static void locks_take(void)
{
    for (unsigned c = 0; c < CLASSES; c++)
        pthread_mutex_lock(&class_lock[c]);
    pthread_mutex_lock(&heap_lock);
}

static void locks_give(void)
{
    pthread_mutex_unlock(&heap_lock);
    for (unsigned c = CLASSES; c-- > 0;)
        pthread_mutex_unlock(&class_lock[c]);
}

/* Once in a process: what outlives a heap. */
static void process_init(void)
{
    for (unsigned c = 0; c < CLASSES; c++)
        pthread_mutex_init(&class_lock[c], NULL);
    for (size_t i = 0; i < TABLE_MAX / MM_ALIGN; i++)
        class_table[i] = (uint8_t)class_for((i + 1) * MM_ALIGN);
    for (unsigned c = 0; c < CLASSES; c++) {
        int slots = BIN_BYTES / (int)class_size(c);

        slots = slots < BIN_SLOTS ? slots : BIN_SLOTS;
        bin_half[c] = (slots > BIN_LEAST ? slots : BIN_LEAST) / 2;
    }
    pthread_key_create(&cache_key, cache_close);
    pthread_atfork(locks_take, locks_give, locks_give);
}

/* --- The interface, see mm.h ------------------------------------------ */

int mm_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, process_init);
    memset(&cache, 0, sizeof(cache));
    region_first = NULL;
    memset(spares, 0, sizeof(spares));
    for (unsigned order = 0; order < ORDERS; order++)
        free_first[order] = NULL;
    for (unsigned c = 0; c < CLASSES; c++) {
        slab_first[c] = NULL;
        depots[c].count = 0;
    }
    return 0;
}

/* What mm_malloc does for sizes the table does not have. */
static __attribute__((noinline)) void *malloc_untabled(size_t size)
{
    if (size == 0)
        return NULL;
    if (size > SLOT_MAX)
        return large_alloc(MM_ALIGN, size);
    return slot_alloc(class_for(size));
}

void *mm_malloc(size_t size)
{
    if (size - 1 >= TABLE_MAX)
        return malloc_untabled(size);
    return slot_alloc(class_table[(size - 1) / MM_ALIGN]);
}

/* What mm_free does when the budget is used up, as that of LARGE always is. */
static __attribute__((noinline)) void free_untimely(unsigned c, void *ptr)
{
    int saved = errno;

    cache.budget[c] = 0;
    heap_decay();
    if (c == LARGE) {
        large_free(region_of(ptr));
    } else {
        if (!cache.is_open)
            cache_open();
        slot_free(c, ptr);
        bin_trim(c);
    }
    errno = saved;
}

void mm_free(void *ptr)
{
    if (!ptr)
        return;

    unsigned c = region_class(region_of(ptr), ptr);
    if (--cache.budget[c] < 0)
        free_untimely(c, ptr);
    else
        slot_free(c, ptr);
}

void *mm_realloc(void *ptr, size_t size)
{
    if (!ptr)
        return mm_malloc(size);
    if (size == 0) {
        mm_free(ptr);
        return NULL;
    }

    size_t usable = mm_usable_size(ptr);
    if (size <= usable && size >= usable / 2)
        return ptr;
    if (size > SLOT_MAX && region_class(region_of(ptr), ptr) == LARGE)
        return large_resize(region_of(ptr), size);

    void *moved = mm_malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, ptr, usable < size ? usable : size);
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
    if (ptr && (bytes <= SLOT_MAX || region_of(ptr)->is_dirty))
        memset(ptr, 0, bytes); /* fresh mappings are zero */
    return ptr;
}

void *mm_memalign(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (size == 0)
        return NULL;
    if (size > SLOT_MAX || align > UNIT)
        return large_alloc(align, size);

    /* Slots start at multiples of their size, and so of what divides it. */
    size_t whole = (size + align - 1) & ~(align - 1);
    return slot_alloc(class_for(whole));
}

size_t mm_usable_size(const void *ptr)
{
    if (!ptr)
        return 0;

    struct region *r = region_of(ptr);
    unsigned c = region_class(r, ptr);
    if (c != LARGE)
        return class_size(c);
    return r->bytes - r->payload;
}

/* --- The checker and the walker --------------------------------------- */

static bool broken(int line, const char *invariant, const void *at)
{
    fprintf(stderr, "mm_checkheap(%d): %s broken at %p\n", line, invariant, at);
    return false;
}

/* What the arenas hold, to compare with the lists. */
struct census {
    size_t blocks[ORDERS]; /* free */
    size_t slabs[CLASSES]; /* with a slot to give */
};

/* Check a slab on its pages, and count it if it has a slot to give. */
static bool slab_check(int line, struct arena *a, size_t unit,
                       struct census *census)
{
    struct slab *s = &a->slabs[unit];
    const char *first = (const char *)block_at(a, unit);
    size_t size = class_size(s->class);
    size_t listed = 0;

    if (s->class >= CLASSES ||
        class_order(s->class) != block_order(block_at(a, unit)))
        return broken(line, "I6", s);
    for (size_t i = 0; i < (size_t)1 << class_order(s->class); i++) {
        if (a->first[unit + i] != unit || a->region.class[unit + i] != s->class)
            return broken(line, "I6", s);
    }
    for (struct slot *slot = s->free; slot; slot = slot->next) {
        size_t at = (size_t)((const char *)slot - first);

        if (at % size != 0 || (const char *)slot >= s->untouched ||
            ++listed > class_slots(s->class))
            return broken(line, "I7", slot);
    }
    if (s->used + listed + s->remaining != class_slots(s->class) ||
        s->untouched != first + (s->used + listed) * size)
        return broken(line, "I7", s);
    census->slabs[s->class] += !slab_is_full(s);
    return true;
}

/* Check one arena's map, and count its free blocks by order. */
static bool arena_check(int line, struct arena *a, struct census *census)
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
            if (!slab_check(line, a, unit, census))
                return false;
        } else {
            census->blocks[order]++;
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

static bool class_check(int line, unsigned c, size_t slabs)
{
    const struct slab *prev = NULL;
    size_t listed = 0;

    for (struct slab *s = slab_first[c]; s; s = s->next) {
        if (s->class != c || slab_is_full(s) || s->prev != prev ||
            ++listed > slabs)
            return broken(line, "I8", s);
        prev = s;
    }
    return listed == slabs || broken(line, "I8", slab_first[c]);
}

/* A chain of slots in use by slabs of class c, of no more than most. */
static bool chain_check(int line, unsigned c, const struct slot *chain,
                        int most)
{
    for (; chain; chain = chain->next) {
        if (most-- == 0 || slab_of(chain)->class != c)
            return broken(line, "I9", chain);
    }
    return true;
}

/* The depots and the calling thread's bins; those of others are theirs. */
static bool chains_check(int line)
{
    for (unsigned c = 0; c < CLASSES; c++) {
        if (cache.budget[c] > bin_half[c])
            return broken(line, "I9", &cache.budget[c]);
        if (!chain_check(line, c, cache.first[c], 2 * bin_half[c] + 1))
            return false;
        for (unsigned i = 0; i < depots[c].count; i++) {
            if (!chain_check(line, c, depots[c].chains[i], bin_half[c] + 1))
                return false;
        }
    }
    return true;
}

static bool heap_check(int line)
{
    struct census census = {0};

    const struct region *prev = NULL;

    for (struct region *r = region_first; r; prev = r, r = r->next) {
        if ((uintptr_t)r % ARENA != 0 || r->prev != prev)
            return broken(line, "I1", r);
        if (region_is_arena(r) &&
            !arena_check(line, (struct arena *)r, &census))
            return false;
    }
    for (unsigned order = 0; order < ORDERS; order++) {
        if (!list_check(line, order, census.blocks[order]))
            return false;
    }
    for (unsigned c = 0; c < CLASSES; c++) {
        if (!class_check(line, c, census.slabs[c]))
            return false;
    }
    return true;
}

bool mm_checkheap(int line)
{
    locks_take();
    bool sound = heap_check(line) && chains_check(line);
    locks_give();
    return sound;
}

static void visit_bytes(const void *address, size_t bytes, enum mm_use use,
                        mm_visit *visit, void *arg)
{
    struct mm_extent extent = {address, bytes, use};

    visit(&extent, arg);
}

static void slab_mark(struct slab *s, const struct slot *chain, bool *is_free)
{
    const char *first = (const char *)slab_block(s);

    for (; chain; chain = chain->next) {
        if (slab_of(chain) == s)
            is_free[(size_t)((const char *)chain - first) /
                    class_size(s->class)] = true;
    }
}

/*
 * Mark the slots of a slab that are not in use: those given back, and those in
 * depots or in a bin of the calling thread. What other threads' bins hold is
 * not to be read, and shows as in use. Returns how many slots there are.
 */
static size_t slab_mark_free(struct slab *s, bool is_free[SLOTS_MAX])
{
    size_t slots = class_slots(s->class);

    for (size_t i = 0; i < slots; i++)
        is_free[i] = i >= slots - s->remaining;
    slab_mark(s, s->free, is_free);
    slab_mark(s, cache.first[s->class], is_free);
    for (unsigned i = 0; i < depots[s->class].count; i++)
        slab_mark(s, depots[s->class].chains[i], is_free);
    return slots;
}

static void slab_walk(struct slab *s, mm_visit *visit, void *arg)
{
    const char *slot = (const char *)slab_block(s);
    size_t size = class_size(s->class);
    bool is_free[SLOTS_MAX];
    size_t slots = slab_mark_free(s, is_free);
    size_t tail = ((size_t)UNIT << class_order(s->class)) - slots * size;

    for (size_t i = 0; i < slots; i++, slot += size)
        visit_bytes(slot, size, is_free[i] ? MM_FREE : MM_USED, visit, arg);
    if (tail > 0)
        visit_bytes(slot, tail, MM_OVERHEAD, visit, arg);
}

static void arena_walk(struct arena *a, mm_visit *visit, void *arg)
{
    size_t unit = HEAD_UNITS;

    visit_bytes(a, (size_t)HEAD_UNITS * UNIT, MM_OVERHEAD, visit, arg);
    while (unit < UNITS) {
        struct block *b = block_at(a, unit);
        size_t units = (size_t)1 << block_order(b);

        if (block_is_used(b))
            slab_walk(&a->slabs[unit], visit, arg);
        else
            visit_bytes(b, units * UNIT, MM_FREE, visit, arg);
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
    locks_take();
    for (struct region *r = region_above(NULL); r; r = region_above(r)) {
        if (region_is_arena(r))
            arena_walk((struct arena *)r, visit, arg);
        else
            visit_bytes(r, r->bytes, r->is_spare ? MM_FREE : MM_USED, visit,
                        arg);
    }
    locks_give();
}
