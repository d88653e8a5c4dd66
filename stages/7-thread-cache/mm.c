/*
 * 7-thread-cache/mm.c - a cache of slots a thread, locks only behind it.
 *
 * The slabs of 6-slab serve many threads now. Every thread keeps, for each
 * class, a bin of free slots of its own, so most calls of mm_malloc and
 * mm_free touch nothing that another thread writes, and take no lock. A bin is
 * a stack of pointers: a slot is not touched while it is free, neither in a
 * bin nor on its way to another thread or to its slab. A bin that runs dry
 * takes the place of another from the depot of the class, or gets slots from
 * the slabs, and one that is full leaves half of them there as a bin of their
 * own. What the depot has no room for goes to the slabs. So a slot freed by
 * another thread than the one that asked for it goes round for a small part of
 * a lock. When a thread ends, its bins are emptied.
 *
 *      thread:  bin: room | slot slot slot | NULL           no lock
 *                         ^ top[c]
 *                     give  v   ^  take, many at a time
 *      class:   depots[c]: bin, bin, bin ...                class_lock[c]
 *                           |   ^
 *                           v   |
 *               slab_first[c]: slab -> slab -> NULL         as in 6-slab
 *                           |   ^
 *                           v   |  a slab at a time
 *      heap:    pages of the buddy, regions                 heap_lock
 *
 * What the system gives costs most, so free pages stay for a while. Once they
 * are more than a part of those in use, the system gets back what they hold,
 * and if they are needed again soon after, more of them stay from then on.
 *
 * Invariants, checked by mm_checkheap:
 *   I1  regions are aligned to ARENA and in one list, linked both ways
 *   I2  the blocks in an arena's map tile it, each at a multiple of its size
 *   I3  no free block has a free buddy of the same order
 *   I4  free list k holds exactly the free blocks of order k, linked both ways
 *   I5  an arena's used counts the units of its blocks in use
 *   I6  a slab's pages name it and its class, which says how many there are
 *   I7  a slab's used slots and its free ones are all it has; a slot in a bin
 *       or a depot counts as used
 *   I8  class list c holds exactly the slabs of class c with a slot to give
 *   I9  no row of free units in an arena is longer than its row_most
 *   I10 slots in bins and depots are of their class and in use by their slabs;
 *       a bin has at most the class's room
 *
 * Locks: class_lock[c] before heap_lock; all of them, in order, only in
 * mm_walk, mm_checkheap and around a fork.
 *
 * Cost: malloc and free O(1), no lock, but for one call in half a bin; a
 * thread may keep 16 KiB or 1 slot a class, a depot DEPOT_BINS halves of it.
 * Source: Ghemawat and Menage, TCMalloc: Thread-Caching Malloc (2005);
 *         Bonwick and Adams, Magazines and Vmem, USENIX 2001, for the depot;
 *         Bonwick, The slab allocator, USENIX Summer 1994;
 *         Knowlton, A fast storage allocator, CACM 8:10 (1965), for pages.
 *
 * Since 6-slab: new region_class, clock_s, block_take, units_count,
 *         heap_discard, heap_is_idle, slot_index, slabs_take, slabs_put,
 *         bin_pop, bin_is_full, bin_new, bin_drop, depot_give, depot_take,
 *         cache_close, cache_open, cache_has_bin, cache_batch, slot_refill,
 *         bin_spill, slot_free, locks_take, locks_give, class_init,
 *         process_init, malloc_slowly, free_untimely, mm_calloc, bin_check,
 *         bins_check, heap_check, slab_mark;
 *         changed list_push, place, row_take, block_alloc, block_free,
 *         class_size, slab_is_full, slab_on, slab_new, slab_take, slab_put,
 *         slot_alloc, large_alloc, large_resize, large_free, mm_init,
 *         mm_malloc, mm_free, mm_realloc, mm_usable_size, part_check,
 *         slab_check, mm_checkheap, slab_mark_free, slab_walk, mm_walk.
 */
#include "mm.h"

#include <errno.h>
#include <pthread.h>
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
    ARENA_SHIFT = 21,
    ARENA = 1 << ARENA_SHIFT, /* bytes and alignment of an arena */
    UNITS = ARENA / UNIT,
    ORDERS = ARENA_SHIFT - UNIT_SHIFT, /* 0 to ORDERS - 1: half an arena */
    SLOT_MAX = 32 * 1024,              /* larger blocks are runs of pages */
    RUN_MAX = ARENA / 2,               /* and still larger ones are mapped */

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
    SLAB_UNITS_MAX = SLOT_MAX / UNIT,
    SLOTS_MAX = UNIT / MM_ALIGN, /* in a slab; those of one page have most */
    RUN = CLASSES,               /* of a slab that is one block */
    BINS = CLASSES + 1,          /* of the slots that are bins */
    KINDS = CLASSES + 2,         /* of slabs */
    LARGE = CLASSES + 2,         /* a block that is no slot */
    TABLE_MAX = 1024,            /* up to here a table knows the class */
};

_Static_assert(SLOT_MAX == 1 << (FINE_SHIFT + 8), "eight doublings");

enum {
    BIN_SIZE = 1024,          /* bytes of a bin, and its alignment */
    BIN_WORDS = BIN_SIZE / 8, /* slots and a NULL */
    BIN_BYTES = 16 * 1024,    /* of the slots in a bin, but one in any case */
    DEPOT_BINS = 8,           /* so many full bins' slots in a depot at most */

    IDLE_UNITS = 256,  /* free pages that stay in any case, and ... */
    IDLE_PART = 8,     /* as a part of those in use */
    DISCARD_ORDER = 4, /* smaller free blocks stay as they are */
    REGRET_S = 1,      /* for so long more free pages stay */
};

/* The head of every mapping; (payload - 1) masked to ARENA is its address. */
struct region {
    struct region *next; /* in the list of all regions */
    struct region *prev;
    size_t bytes;         /* mapped from the region's address on */
    size_t payload;       /* offset of a large block's payload; 0: an arena */
    uint8_t class[UNITS]; /* of the slots in a page; LARGE in a large block */
};

/* A block in use, cut into slots. */
struct slab {
    struct slab *next; /* of this class, while it has a slot to give */
    struct slab *prev;
    uint64_t free[SLOTS_MAX / 64]; /* a bit a slot */
    uint16_t used;                 /* slots in use */
    uint16_t units;                /* its pages */
    uint8_t class;
};

struct arena {
    struct region region;
    size_t used;     /* units in use */
    size_t row_most; /* no more units in a row are free */
    uint8_t map[UNITS];
    uint16_t first[UNITS]; /* of a slab's page: the slab's first unit */
    struct slab slabs[UNITS];
};

/* A free block; in use, it is a slab. */
struct block {
    struct block *next;
    struct block *prev;
    bool is_discarded; /* the system has all but its first page */
};

/* What is to be known of a class, computed once. */
struct shape {
    uint32_t bytes;   /* of a slot */
    uint32_t inverse; /* 2^32 / bytes, rounded up */
    uint16_t slots;   /* of a slab */
    uint8_t room;     /* slots in a bin at most */
};

/*
 * A thread's free slots. A bin's stack grows down from a NULL, which says that
 * it is empty, to the bin's first word, whose address says that it is full. A
 * class without a bin has nowhere in its place, which is both; so have LARGE
 * and, before and after its life, all of a thread.
 */
struct cache {
    void **top[LARGE + 1];  /* the slot freed last, of each class */
    uint8_t batch[CLASSES]; /* slots it last got when it was empty */
    bool is_open;           /* the thread's end will close it */
    bool is_closed;         /* the thread is ending: no bins any more */
};

/* Bins that threads have left, for others to take with all slots in them. */
struct depot {
    void **tops[DEPOT_BINS];
    unsigned count;
};

enum {
    HEAD_UNITS = (sizeof(struct arena) + UNIT - 1) / UNIT,
    LARGE_FRONT = 1024, /* bytes before a large block's payload */
};

_Static_assert(sizeof(struct block) <= UNIT, "links fit");
_Static_assert(sizeof(struct region) <= LARGE_FRONT, "the head fits");
_Static_assert(BIN_SIZE == BIN_WORDS * sizeof(void *), "a bin of words");
_Static_assert(ORDERS < FREE, "an order and FREE fit a byte of the map");
_Static_assert(UNITS - 1 <= UINT16_MAX, "a unit fits an entry of first");

static struct region *region_first;
static struct block *free_first[ORDERS];
static struct arena *arena_first; /* all arenas lie side by side */
static size_t arena_count;
static size_t units_used;   /* of all arenas */
static size_t units_idle;   /* freed since the last discard, and not used */
static size_t units_missed; /* discarded too early: so many more may idle */
static time_t missed_at;    /* when, in s */

static struct shape shapes[KINDS];
static uint8_t class_table[TABLE_MAX / MM_ALIGN]; /* by (size - 1) / 16 */

static pthread_mutex_t heap_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t class_lock[KINDS]; /* of the next two, and slabs */
static struct slab *slab_first[KINDS];
static struct depot depots[KINDS];

static _Alignas(BIN_SIZE) void *nowhere[1];
static pthread_key_t cache_key; /* its destructor closes a cache */
static _Thread_local struct cache cache
    __attribute__((tls_model("initial-exec"))) = {
        .top = {[0 ... LARGE] = nowhere},
};

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

static struct arena *arena_at(size_t i)
{
    return (struct arena *)((char *)arena_first + (i << ARENA_SHIFT));
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
    b->is_discarded = false;
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

/* The largest block that can begin at a unit and end by another. */
static unsigned piece_order(size_t unit, size_t end)
{
    unsigned aligned = (unsigned)__builtin_ctzl(unit);
    unsigned fits = 63 - (unsigned)__builtin_clzl(end - unit);

    return aligned < fits ? aligned : fits;
}

/* Have the units in use, as the fewest blocks that can be. */
static void units_use(struct arena *a, size_t unit, size_t end)
{
    while (unit < end) {
        unsigned order = piece_order(unit, end);

        *block_state(block_at(a, unit)) = (uint8_t)order;
        unit += (size_t)1 << order;
    }
}

/* Free the units, which are in use, or new and INSIDE. */
static void units_free(struct arena *a, size_t unit, size_t end)
{
    units_use(a, unit, end);
    if (unit < end)
        a->row_most = UNITS;
    while (unit < end) {
        struct block *b = block_at(a, unit);

        unit += (size_t)1 << block_order(b);
        coalesce(b);
    }
}

static time_t clock_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec;
}

/* Free block b is to be used, at least so many units of it. */
static void block_take(struct block *b, size_t units)
{
    if (b->is_discarded) {
        units_missed += units;
        missed_at = clock_s();
    }
    list_remove(b);
}

/* So many units have come into use; some of them may be new. */
static void units_count(struct arena *a, size_t units)
{
    a->used += units;
    units_used += units;
    units_idle -= units < units_idle ? units : units_idle;
}

/* Give the system what free blocks hold, but for their first pages' links. */
static void heap_discard(void)
{
    for (unsigned order = DISCARD_ORDER; order < ORDERS; order++) {
        for (struct block *b = free_first[order]; b; b = b->next) {
            if (!b->is_discarded)
                mem_discard((char *)b + UNIT, ((size_t)UNIT << order) - UNIT);
            b->is_discarded = true;
        }
    }
    units_idle = 0;
}

/* More pages are free than are worth to be kept. */
static bool heap_is_idle(void)
{
    if (units_idle <= IDLE_UNITS + units_used / IDLE_PART)
        return false;
    if (units_missed > 0 && clock_s() > missed_at + REGRET_S)
        units_missed = 0;
    return units_idle > IDLE_UNITS + units_used / IDLE_PART + units_missed;
}

/* Take the first units of free block b; what it has too much stays free. */
static void place(struct block *b, size_t units)
{
    struct arena *a = arena_of(b);
    size_t unit = block_unit(b);
    size_t end = unit + ((size_t)1 << block_order(b));

    block_take(b, units);
    units_use(a, unit, unit + units);
    units_free(a, unit + units, end);
    units_count(a, units);
}

/* Units of the arena that lie below the break. */
static size_t arena_end(const struct arena *a)
{
    return a->region.bytes >> UNIT_SHIFT;
}

/* Move the break from there to end. Returns false with errno = ENOMEM. */
static bool arena_extend(struct arena *a, size_t end)
{
    size_t bytes = (end - arena_end(a)) * UNIT;

    if (mem_sbrk((intptr_t)bytes) == (void *)-1)
        return false;
    a->region.bytes += bytes;
    return true;
}

/* Begin one more arena behind the last. Returns false with errno = ENOMEM. */
static bool arena_new(void)
{
    size_t skipped = -(uintptr_t)mem_sbrk(0) & (ARENA - 1);
    char *old = mem_sbrk((intptr_t)(skipped + HEAD_UNITS * UNIT));

    if (old == (char *)-1)
        return false;

    struct arena *a = (struct arena *)(old + skipped);
    a->region.bytes = HEAD_UNITS * UNIT;
    a->region.payload = 0;
    a->used = 0;
    a->row_most = 0;
    memset(a->map, INSIDE, sizeof(a->map));
    region_list(&a->region);
    if (arena_count++ == 0)
        arena_first = a;
    return true;
}

/* Free units in a row, from first up to end. */
struct row {
    size_t first;
    size_t end;
};

/* Where units of a row begin at a multiple of align, a power of two. */
static size_t row_start(const struct row *row, size_t align)
{
    return (row->first + align - 1) & ~(align - 1);
}

/*
 * Find the first row that has so many units at a multiple of align. If there
 * is none, row is what is free at the arena's end.
 */
static bool row_find(struct arena *a, size_t units, size_t align,
                     struct row *row)
{
    row->first = row->end = HEAD_UNITS;
    while (row->end < arena_end(a)) {
        struct block *b = block_at(a, row->end);

        row->end += (size_t)1 << block_order(b);
        if (block_is_used(b))
            row->first = row->end;
        else if (row_start(row, align) + units <= row->end)
            return true;
    }
    return false;
}

/* Take units at a multiple of align, up to the arena's end at most. */
static struct block *row_take(struct arena *a, const struct row *row,
                              size_t units, size_t align)
{
    size_t start = row_start(row, align);

    for (size_t unit = row->first; unit < row->end;) {
        struct block *b = block_at(a, unit);

        unit += (size_t)1 << block_order(b);
        block_take(b, (size_t)1 << block_order(b));
    }
    units_free(a, row->first, start);
    units_use(a, start, start + units);
    units_free(a, start + units, row->end);
    units_count(a, units);
    return block_at(a, start);
}

/*
 * heap_begin - what is left of the last arena becomes free, and a new one is
 * the last. Returns it; NULL with errno = ENOMEM.
 */
static struct arena *heap_begin(void)
{
    if (arena_count > 0) {
        struct arena *a = arena_at(arena_count - 1);
        size_t end = arena_end(a);

        if (!arena_extend(a, UNITS))
            return NULL;
        units_free(a, end, UNITS);
    }
    return arena_new() ? arena_at(arena_count - 1) : NULL;
}

/*
 * heap_grow - units from the end of the heap, at a multiple of align.
 *
 * NULL with errno = ENOMEM, also if the last arena has no room and to begin
 * another one would leave much of it behind: an eighth of the heap.
 */
static struct block *heap_grow(size_t units, size_t align)
{
    struct arena *a = arena_count > 0 ? arena_at(arena_count - 1) : NULL;
    struct row row = {UNITS, UNITS};

    if (a)
        row.first = row.end = arena_end(a);
    if (units <= SLAB_UNITS_MAX && align == 1)
        align = (size_t)1 << order_for(units * UNIT);
    else if (a)
        row_find(a, units, align, &row);
    if (row_start(&row, align) + units > UNITS) {
        if ((UNITS - row.end) * 8 > arena_count * UNITS) {
            errno = ENOMEM;
            return NULL;
        }
        a = heap_begin();
        row.first = row.end = HEAD_UNITS;
    }
    if (!a || !arena_extend(a, row_start(&row, align) + units))
        return NULL;
    return row_take(a, &row, units, align);
}

/*
 * Free units at a multiple of align, taken; NULL if there are none.
 *
 * The few units of a slab are found at once in a free block, if there is one
 * of their order. Otherwise the first place of those that are large enough is
 * taken, which keeps runs together (first fit).
 */
static struct block *block_find(size_t units, size_t align)
{
    struct block *b = find_fit(order_for(units * UNIT));
    struct row row;

    if (b && units <= SLAB_UNITS_MAX && align == 1) {
        place(b, units);
        return b;
    }
    for (size_t i = 0; i < arena_count; i++) {
        struct arena *a = arena_at(i);

        if (a->row_most < units)
            continue;
        if (row_find(a, units, align, &row))
            return row_take(a, &row, units, align);
        if (align == 1)
            a->row_most = units - 1;
    }
    return NULL;
}

/* block_alloc - units at a multiple of align. NULL with errno = ENOMEM. */
static struct block *block_alloc(size_t units, size_t align)
{
    pthread_mutex_lock(&heap_lock);
    struct block *b = block_find(units, align);
    if (!b)
        b = heap_grow(units, align);
    pthread_mutex_unlock(&heap_lock);
    return b;
}

/* Free a run of units. */
static void block_free(struct block *b, size_t units)
{
    struct arena *a = arena_of(b);

    pthread_mutex_lock(&heap_lock);
    a->used -= units;
    units_used -= units;
    units_idle += units;
    units_free(a, block_unit(b), block_unit(b) + units);
    if (heap_is_idle())
        heap_discard();
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
    if (c == BINS)
        return BIN_SIZE;
    if (c < FINE_CLASSES)
        return (c + 1) * (size_t)MM_ALIGN;

    unsigned doubling = (c - FINE_CLASSES) / 4;
    size_t quarter = (c - FINE_CLASSES) % 4 + 1;
    return ((size_t)1 << (FINE_SHIFT + doubling)) +
           (quarter << (FINE_SHIFT + doubling - 2));
}

/* The smallest slab whose tail, too short for a slot, is at most an eighth. */
static size_t class_units(unsigned c)
{
    size_t size = class_size(c);
    size_t units = 1;

    while (units * UNIT < size || units * UNIT % size * 8 > units * UNIT)
        units++;
    return units;
}

static uint16_t class_slots(unsigned c)
{
    return (uint16_t)(class_units(c) * UNIT / class_size(c));
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

/* Bytes of each slot. */
static size_t slab_slot_bytes(const struct slab *s)
{
    return s->class == RUN ? (size_t)s->units * UNIT : class_size(s->class);
}

static bool slab_is_full(const struct slab *s)
{
    return s->used == shapes[s->class].slots;
}

/* Which slot of its slab it is; exact, as a slab has less than 2^32 bytes. */
static size_t slot_index(const void *slot)
{
    struct arena *a = arena_of(slot);
    struct slab *s = slab_of(slot);
    size_t first = (size_t)a->first[block_unit(slot)] << UNIT_SHIFT;
    size_t offset = ((uintptr_t)slot & (ARENA - 1)) - first;

    return offset * shapes[s->class].inverse >> 32;
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

/* A slab on a run of units, without a slot so far. */
static struct slab *slab_on(struct block *b, unsigned c, size_t units)
{
    struct arena *a = arena_of(b);
    size_t unit = block_unit(b);
    for (size_t i = 0; i < units; i++) {
        a->first[unit + i] = (uint16_t)unit;
        a->region.class[unit + i] = (uint8_t)c;
    }

    struct slab *s = &a->slabs[unit];
    memset(s->free, 0, sizeof(s->free));
    for (unsigned i = 0; i < shapes[c].slots; i++)
        s->free[i / 64] |= (uint64_t)1 << i % 64;
    s->used = 0;
    s->units = (uint16_t)units;
    s->class = (uint8_t)c;
    return s;
}

/* slab_new - a listed slab of the class. NULL with errno = ENOMEM. */
static struct slab *slab_new(unsigned c)
{
    struct block *b = block_alloc(class_units(c), 1);

    if (!b)
        return NULL;

    struct slab *s = slab_on(b, c, class_units(c));
    slab_list(s);
    return s;
}

/* Take up to so many slots of a slab; returns how many there were. */
static unsigned slab_take(struct slab *s, void **slots, unsigned count)
{
    char *first = (char *)slab_block(s);
    size_t size = shapes[s->class].bytes;
    unsigned taken = 0;

    for (size_t i = 0; i < SLOTS_MAX / 64; i++) {
        for (; s->free[i] && taken < count; s->free[i] &= s->free[i] - 1)
            slots[taken++] =
                first + (i * 64 + (size_t)__builtin_ctzll(s->free[i])) * size;
    }
    s->used = (uint16_t)(s->used + taken);
    if (slab_is_full(s))
        slab_unlist(s);
    return taken;
}

/* A slot comes back that is free already: a bug of the caller. */
static _Noreturn void slab_misuse(const void *slot)
{
    fprintf(stderr, "mm_free: %p is not a block in use; freed before?\n", slot);
    abort();
}

/*
 * Put a slot back. A slab that was full has one to give again; one with none
 * in use goes back to the buddy, unless it is the last of its class: the next
 * malloc would have to build it anew.
 */
static void slab_put(struct slab *s, void *slot)
{
    size_t i = slot_index(slot);
    uint64_t bit = (uint64_t)1 << i % 64;

    if (s->free[i / 64] & bit)
        slab_misuse(slot);
    if (slab_is_full(s))
        slab_list(s);
    s->free[i / 64] |= bit;
    s->used--;
    if (s->used == 0 && (s->next || s->prev)) {
        slab_unlist(s);
        block_free(slab_block(s), s->units);
    }
}

/* Take so many slots from the slabs of a class; as many as memory has. */
static unsigned slabs_take(unsigned c, void **slots, unsigned count)
{
    unsigned taken = 0;

    pthread_mutex_lock(&class_lock[c]);
    while (taken < count) {
        struct slab *s = slab_first[c];

        if (!s)
            s = slab_new(c);
        if (!s)
            break;
        taken += slab_take(s, slots + taken, count - taken);
    }
    pthread_mutex_unlock(&class_lock[c]);
    return taken;
}

/* Put so many slots of a class back into their slabs. */
static void slabs_put(unsigned c, void **slots, unsigned count)
{
    pthread_mutex_lock(&class_lock[c]);
    for (unsigned i = 0; i < count; i++)
        slab_put(slab_of(slots[i]), slots[i]);
    pthread_mutex_unlock(&class_lock[c]);
}

/* --- Bins ------------------------------------------------------------- */

/* The slot that was freed last; NULL if the bin is empty. */
static void *bin_pop(unsigned c)
{
    void *slot = *cache.top[c];

    if (slot)
        cache.top[c]++;
    return slot;
}

static bool bin_is_full(void **top)
{
    return (uintptr_t)top % BIN_SIZE == 0;
}

/* An empty bin's top, where a NULL is. NULL with errno = ENOMEM. */
static void **bin_new(unsigned c)
{
    void *bin;

    if (slabs_take(BINS, &bin, 1) == 0)
        return NULL;

    void **top = (void **)bin + shapes[c].room;
    *top = NULL;
    return top;
}

/* Give back a bin, which need not be empty. */
static void bin_drop(void **top)
{
    void *bin = (void *)((uintptr_t)top & -(uintptr_t)BIN_SIZE);

    slabs_put(BINS, &bin, 1);
}

/* --- Depots ----------------------------------------------------------- */

/* Leave a bin; if it is empty or the depot full, all goes to the slabs. */
static void depot_give(unsigned c, void **top)
{
    struct depot *d = &depots[c];

    pthread_mutex_lock(&class_lock[c]);
    bool has_room = *top && d->count < DEPOT_BINS;
    if (has_room)
        d->tops[d->count++] = top;
    pthread_mutex_unlock(&class_lock[c]);
    if (has_room)
        return;

    unsigned count = 0;
    while (top[count])
        count++;
    slabs_put(c, top, count);
    bin_drop(top);
}

/* A bin that another thread has left, or NULL. */
static void **depot_take(unsigned c)
{
    struct depot *d = &depots[c];

    pthread_mutex_lock(&class_lock[c]);
    void **top = d->count > 0 ? d->tops[--d->count] : NULL;
    pthread_mutex_unlock(&class_lock[c]);
    return top;
}

/* --- Caches ----------------------------------------------------------- */

static void cache_close(void *unused)
{
    (void)unused;
    cache.is_closed = true;
    for (unsigned c = 0; c < CLASSES; c++) {
        if (cache.top[c] != nowhere)
            depot_give(c, cache.top[c]);
        cache.top[c] = nowhere;
    }
}

/* On a thread's first use of its bins: see to it that they are emptied. */
static void cache_open(void)
{
    cache.is_open = true; /* first, as pthread_setspecific may allocate */
    pthread_setspecific(cache_key, &cache);
}

/* Have a bin for a class; false if there is none to be had. */
static bool cache_has_bin(unsigned c)
{
    if (cache.top[c] != nowhere)
        return true;
    if (cache.is_closed)
        return false;
    if (!cache.is_open)
        cache_open();

    void **top = bin_new(c);
    if (top)
        cache.top[c] = top;
    return top;
}

/* How many slots a bin that has run dry gets: twice as many each time. */
static unsigned cache_batch(unsigned c)
{
    unsigned batch = 2u * cache.batch[c] + 1;
    unsigned most = (shapes[c].room + 1u) / 2;

    cache.batch[c] = (uint8_t)(batch < most ? batch : most);
    return cache.batch[c];
}

/* slot_refill - a slot of the class, whose bin is empty; NULL with ENOMEM. */
static __attribute__((noinline)) void *slot_refill(unsigned c)
{
    void *slots[BIN_WORDS];
    bool has_bin = cache_has_bin(c);
    void **top = has_bin ? depot_take(c) : NULL;

    if (top) {
        bin_drop(cache.top[c]);
        cache.top[c] = top + 1;
        return *top;
    }

    unsigned count = slabs_take(c, slots, has_bin ? cache_batch(c) : 1);
    if (count == 0)
        return NULL;
    if (has_bin) {
        cache.top[c] -= count - 1;
        memcpy(cache.top[c], slots + 1, (count - 1) * sizeof(*slots));
    }
    return slots[0];
}

/* Leave the half that has been in a full bin for longest. */
static void bin_spill(unsigned c)
{
    void **top = cache.top[c];
    unsigned leaving = (shapes[c].room + 1u) / 2;
    unsigned staying = shapes[c].room - leaving;
    void **other = bin_new(c);

    if (other)
        depot_give(
            c, memcpy(other - leaving, top + staying, leaving * sizeof(*top)));
    else
        slabs_put(c, top + staying, leaving);
    memmove(top + leaving, top, staying * sizeof(*top));
    cache.top[c] = top + leaving;
}

/* slot_alloc - a slot of the class. NULL with errno = ENOMEM. */
static void *slot_alloc(unsigned c)
{
    void *slot = bin_pop(c);

    return slot ? slot : slot_refill(c);
}

/* Put a slot into the bin of its class, which has room. */
static void slot_free(unsigned c, void *slot)
{
    *--cache.top[c] = slot;
}

/* --- Large blocks ----------------------------------------------------- */

/* Whole pages that hold size bytes. */
static size_t pages_for(size_t size)
{
    return (size + mem_pagesize() - 1) & ~(mem_pagesize() - 1);
}

/*
 * large_alloc - map size bytes, payload at a multiple of align.
 *
 * The payload stands align bytes behind an aligned address, so that the head
 * has room; pages before the head's are given back. Returns the payload; NULL
 * with errno = ENOMEM.
 */
static void *large_alloc(size_t align, size_t size)
{
    size_t front = align > LARGE_FRONT ? align : LARGE_FRONT;

    if (size > PTRDIFF_MAX - front) {
        errno = ENOMEM;
        return NULL;
    }

    size_t bytes = pages_for(front + size);
    char *base = mem_map(bytes, front > ARENA ? front : ARENA);
    if (!base)
        return NULL;

    struct region *r = region_of(base + front);
    size_t unused = (size_t)((char *)r - base);
    if (unused > 0)
        mem_unmap(base, unused);
    r->bytes = bytes - unused;
    r->payload = front - unused;
    memset(r->class, LARGE, sizeof(r->class));
    pthread_mutex_lock(&heap_lock);
    region_list(r);
    pthread_mutex_unlock(&heap_lock);
    return base + front;
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
    region_unlist(r);
    pthread_mutex_unlock(&heap_lock);
    mem_unmap(r, r->bytes);
}

/* --- Runs ------------------------------------------------------------- */

static size_t units_for(size_t size)
{
    return (size + UNIT - 1) >> UNIT_SHIFT;
}

/* run_alloc - whole pages at a multiple of align, a power of two, or a mapping
 * if there are none in the arenas. NULL with errno = ENOMEM. */
static void *run_alloc(size_t align, size_t size)
{
    struct block *b = block_alloc(units_for(size), units_for(align));

    if (!b)
        return large_alloc(align, size);
    slab_on(b, RUN, units_for(size))->used = 1;
    return b;
}

static void run_free(struct slab *s, const void *ptr)
{
    if (s->used == 0)
        slab_misuse(ptr);
    s->used = 0;
    block_free(slab_block(s), s->units);
}

/* --- All locks -------------------------------------------------------- */

static void locks_take(void)
{
    for (unsigned c = 0; c < KINDS; c++)
        pthread_mutex_lock(&class_lock[c]);
    pthread_mutex_lock(&heap_lock);
}

static void locks_give(void)
{
    pthread_mutex_unlock(&heap_lock);
    for (unsigned c = KINDS; c-- > 0;)
        pthread_mutex_unlock(&class_lock[c]);
}

static void class_init(unsigned c)
{
    size_t size = class_size(c);
    size_t room = BIN_BYTES / size;

    room = room < BIN_WORDS ? room : BIN_WORDS - 1;
    shapes[c].bytes = (uint32_t)size;
    shapes[c].inverse = (uint32_t)(((uint64_t)1 << 32) / size + 1);
    shapes[c].slots = class_slots(c);
    shapes[c].room = (uint8_t)(room > 0 ? room : 1);
}

/* Once in a process: what outlives a heap. */
static void process_init(void)
{
    for (unsigned c = 0; c < KINDS; c++) {
        pthread_mutex_init(&class_lock[c], NULL);
        if (c != RUN)
            class_init(c);
    }
    for (size_t i = 0; i < TABLE_MAX / MM_ALIGN; i++)
        class_table[i] = (uint8_t)class_for((i + 1) * MM_ALIGN);
    pthread_key_create(&cache_key, cache_close);
    pthread_atfork(locks_take, locks_give, locks_give);
}

/* --- The interface, see mm.h ------------------------------------------ */

int mm_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, process_init);
    region_first = NULL;
    arena_count = 0;
    units_used = units_idle = units_missed = 0;
    for (unsigned order = 0; order < ORDERS; order++)
        free_first[order] = NULL;
    for (unsigned c = 0; c < KINDS; c++) {
        slab_first[c] = NULL;
        depots[c].count = 0;
        cache.top[c] = nowhere;
    }
    memset(cache.batch, 0, sizeof(cache.batch));
    return 0;
}

/* What mm_malloc does for an empty bin or sizes that the table lacks. */
static __attribute__((noinline)) void *malloc_slowly(size_t size)
{
    if (size == 0)
        return NULL;
    if (size > RUN_MAX)
        return large_alloc(MM_ALIGN, size);
    if (size > SLOT_MAX)
        return run_alloc(MM_ALIGN, size);
    return slot_alloc(class_for(size));
}

void *mm_malloc(size_t size)
{
    if (size - 1 < TABLE_MAX) {
        void *slot = bin_pop(class_table[(size - 1) / MM_ALIGN]);

        if (slot)
            return slot;
    }
    return malloc_slowly(size);
}

/* What mm_free does when the bin is full, or there is none. */
static __attribute__((noinline)) void free_untimely(unsigned c, void *ptr)
{
    int saved = errno;

    if (c == LARGE) {
        large_free(region_of(ptr));
    } else if (c == RUN) {
        run_free(slab_of(ptr), ptr);
    } else if (!cache_has_bin(c)) {
        slabs_put(c, &ptr, 1);
    } else {
        if (bin_is_full(cache.top[c]))
            bin_spill(c);
        slot_free(c, ptr);
    }
    errno = saved;
}

void mm_free(void *ptr)
{
    if (!ptr)
        return;

    unsigned c = region_class(region_of(ptr), ptr);
    if (bin_is_full(cache.top[c]))
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
    if (size > RUN_MAX && region_class(region_of(ptr), ptr) == LARGE)
        return large_resize(region_of(ptr), size);

    /* What grows will grow again; slots have room for that anyway. */
    bool grows = size > usable && size > SLOT_MAX && size < RUN_MAX / 2;
    void *moved = mm_malloc(grows ? size + size / 8 : size);
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
    if (ptr && bytes <= RUN_MAX)
        memset(ptr, 0, bytes); /* mappings are zero */
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
    if (size > RUN_MAX || align > RUN_MAX)
        return large_alloc(align, size);
    if (size > SLOT_MAX || align > UNIT)
        return run_alloc(align, size);

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
    if (c < RUN)
        return shapes[c].bytes;
    return c == LARGE ? r->bytes - r->payload : slab_slot_bytes(slab_of(ptr));
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
    size_t slabs[KINDS];   /* with a slot to give */
};

/* Check that a block in use is part of the slab that its first page names. */
static bool part_check(int line, struct arena *a, size_t unit)
{
    size_t first = a->first[unit];
    const struct slab *s = &a->slabs[first];

    return (first <= unit && unit < first + s->units &&
            first + s->units <= arena_end(a) && s->class < KINDS &&
            (s->class == RUN || s->units == class_units(s->class))) ||
           broken(line, "I6", s);
}

/* Check a slab on its pages, and count it if it has a slot to give. */
static bool slab_check(int line, struct arena *a, size_t unit,
                       struct census *census)
{
    struct slab *s = &a->slabs[unit];
    size_t free_slots = 0;

    for (size_t i = 0; i < s->units; i++) {
        if (a->first[unit + i] != unit || a->region.class[unit + i] != s->class)
            return broken(line, "I6", s);
    }
    for (size_t i = 0; i < SLOTS_MAX / 64; i++)
        free_slots += (size_t)__builtin_popcountll(s->free[i]);
    if (s->used + free_slots != (s->class == RUN ? 1 : class_slots(s->class)))
        return broken(line, "I7", s);
    if (free_slots > 0)
        census->slabs[s->class]++;
    return true;
}

/* No free row of an arena is longer than row_most says. */
static bool rows_check(int line, struct arena *a)
{
    struct row row;

    return !row_find(a, a->row_most + 1, 1, &row) || broken(line, "I9", a);
}

/* Check one arena's map, and count its free blocks by order. */
static bool arena_check(int line, struct arena *a, struct census *census)
{
    size_t unit = HEAD_UNITS;
    size_t used = 0;

    while (unit < arena_end(a)) {
        struct block *b = block_at(a, unit);
        unsigned order = block_order(b);
        size_t units = (size_t)1 << order;

        if (order >= ORDERS || unit % units != 0 || unit + units > arena_end(a))
            return broken(line, "I2", b);
        for (size_t i = 1; i < units; i++) {
            if (a->map[unit + i] != INSIDE)
                return broken(line, "I2", b);
        }
        if (block_is_used(b)) {
            used += units;
            if (!part_check(line, a, unit) ||
                (a->first[unit] == unit && !slab_check(line, a, unit, census)))
                return false;
        } else {
            census->blocks[order]++;
            if (order < ORDERS - 1 &&
                *block_state(block_buddy(b, order)) == *block_state(b))
                return broken(line, "I3", b);
        }
        unit += units;
    }
    return (used == a->used || broken(line, "I5", a)) && rows_check(line, a);
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

/* A bin of class c: few enough slots, in use by slabs of that class. */
static bool bin_check(int line, unsigned c, void *const *top)
{
    for (unsigned room = shapes[c].room; *top; top++, room--) {
        struct slab *s = slab_of(*top);
        size_t i = slot_index(*top);

        if (room == 0 || s->class != c || s->free[i / 64] >> i % 64 & 1)
            return broken(line, "I10", top);
    }
    return true;
}

/* The depots and the calling thread's bins; those of others are theirs. */
static bool bins_check(int line)
{
    for (unsigned c = 0; c < CLASSES; c++) {
        if (!bin_check(line, c, cache.top[c]))
            return false;
        for (unsigned i = 0; i < depots[c].count; i++) {
            if (!bin_check(line, c, depots[c].tops[i]))
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
    for (unsigned c = 0; c < KINDS; c++) {
        if (!class_check(line, c, census.slabs[c]))
            return false;
    }
    return bins_check(line);
}

bool mm_checkheap(int line)
{
    locks_take();
    bool sound = heap_check(line);
    locks_give();
    return sound;
}

static void visit_bytes(const void *address, size_t bytes, enum mm_use use,
                        mm_visit *visit, void *arg)
{
    struct mm_extent extent = {address, bytes, use};

    visit(&extent, arg);
}

/* Mark the slots of a slab that are in a bin. */
static void slab_mark(struct slab *s, void *const *top, bool *is_free)
{
    for (; *top; top++) {
        if (slab_of(*top) == s)
            is_free[slot_index(*top)] = true;
    }
}

/*
 * Mark the slots of a slab that are not in use: those given back, and those in
 * depots or in a bin of the calling thread. What other threads' bins hold is
 * not to be read, and shows as in use. Returns how many slots there are.
 */
static size_t slab_mark_free(struct slab *s, bool is_free[SLOTS_MAX])
{
    const struct depot *d = &depots[s->class];
    size_t slots = s->class == RUN ? 1 : class_slots(s->class);

    for (size_t i = 0; i < slots; i++)
        is_free[i] = s->free[i / 64] >> i % 64 & 1;
    slab_mark(s, cache.top[s->class], is_free);
    for (unsigned i = 0; i < d->count; i++)
        slab_mark(s, d->tops[i], is_free);
    return slots;
}

static void slab_walk(struct slab *s, mm_visit *visit, void *arg)
{
    const char *slot = (const char *)slab_block(s);
    enum mm_use used = s->class == BINS ? MM_OVERHEAD : MM_USED;
    size_t size = slab_slot_bytes(s);
    bool is_free[SLOTS_MAX];
    size_t slots = slab_mark_free(s, is_free);
    size_t tail = s->units * (size_t)UNIT - slots * size;

    for (size_t i = 0; i < slots; i++, slot += size)
        visit_bytes(slot, size, is_free[i] ? MM_FREE : used, visit, arg);
    if (tail > 0)
        visit_bytes(slot, tail, MM_OVERHEAD, visit, arg);
}

static void arena_walk(struct arena *a, mm_visit *visit, void *arg)
{
    size_t unit = HEAD_UNITS;
    const char *heap = mem_heap_lo();

    if (a == arena_first && (const char *)a > heap)
        visit_bytes(heap, (size_t)((const char *)a - heap), MM_OVERHEAD, visit,
                    arg);
    visit_bytes(a, (size_t)HEAD_UNITS * UNIT, MM_OVERHEAD, visit, arg);
    while (unit < arena_end(a)) {
        struct block *b = block_at(a, unit);
        size_t units = (size_t)1 << block_order(b);

        if (!block_is_used(b)) {
            visit_bytes(b, units * UNIT, MM_FREE, visit, arg);
        } else {
            slab_walk(&a->slabs[unit], visit, arg);
            units = a->slabs[unit].units;
        }
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
            visit_bytes(r, r->bytes, MM_USED, visit, arg);
    }
    locks_give();
}
