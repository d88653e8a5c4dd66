/*
 * 7-thread-cache/mm.c - a cache of slots a thread, locks only behind it.
 *
 * The slabs of 6-slab serve many threads now. Every thread keeps, for each
 * class, a chain of free slots of its own, so most calls of mm_malloc and
 * mm_free touch nothing that another thread writes, and take no lock. A chain
 * that is full becomes the thread's spare, and a new one is begun; what was
 * the spare goes to the depot of the class, whole: only its first slot is
 * touched. A thread that has run dry takes its spare, or a chain from the
 * depot, or slots from the slabs. So a slot freed by another thread than the
 * one that asked for it goes round for a small part of a lock. What lies in a
 * depot without need goes back to the slabs, slot by slot. When a thread ends,
 * so does what it has; a forked child never sees what other threads had.
 *
 *      thread:  first[c]: slot -> slot -> NULL, room[c]    no lock
 *               spare[c]: slot -> slot -> ...
 *                     give  v   ^  take, a chain at a time
 *      class:   depots[c]: chain -> chain -> NULL          class_lock[c]
 *                           |   ^
 *                           v   |
 *               slab_first[c]: slab -> slab -> NULL        as in 6-slab
 *                           |   ^
 *                           v   |  a slab at a time
 *      heap:    pages of the buddy, regions                heap_lock
 *
 * Slots that are in use side by side share a cache line if they are small, and
 * for two threads that is costly. So a thread gets whole lines of slots of 16
 * or 32 bytes, and two that it gets one after the other are of different lines.
 *
 * To free a block, a thread has to know its class. The classes of all pages
 * stand side by side in one table, a byte for each. In the heads of the arenas
 * they would be 2 MiB apart, and of pages so far apart a processor remembers
 * only a few translated addresses.
 *
 * What the system gives costs most, so free pages stay for a while. When they
 * have been more than a part of those in use for IDLE_MS, the system gets back
 * what they hold. No thread is there to watch the time: those that free blocks
 * look at the clock now and then. Of large blocks, which are mapped, the one
 * freed last is kept as long, for a next one of about the same size; but what
 * makes the heap grow makes it go.
 *
 * Invariants, checked by mm_checkheap:
 *   I1  regions are aligned to ARENA and in one list, linked both ways; only
 *       the one that is kept is KEPT
 *   I2  the blocks in an arena's map tile it, each at a multiple of its size
 *   I3  no free block has a free buddy of the same order
 *   I4  free list k holds exactly the free blocks of order k, linked both ways
 *   I5  an arena's used counts the units of its blocks in use
 *   I6  a slab's pages name it and its class, which says how many there are
 *   I7  a slab's used slots, listed slots and untouched slots are all it has;
 *       a slot in a chain counts as used
 *   I8  class list c holds exactly the slabs of class c with a slot to give
 *   I9  an arena's bits say which units are free, and no row of them is longer
 *       than its row_most
 *   I10 a chain has slots of its class, which count as used: in a depot or as
 *       a spare as many as the class says, in first so many less the room
 *   I11 a depot's count is that of its chains
 *
 * Locks: class_lock[c] before heap_lock; all of them, in order, only in
 * mm_walk, mm_checkheap and around a fork.
 *
 * Cost: malloc and free O(1), no lock but for one call in a chain; a thread
 * keeps up to two chains a class, each of CHAIN_BYTES or 128 slots, but two at
 * least, or one of whole pages; a depot, a quarter as many chains as a chain
 * has slots, but one at least, and one more for each time that threads met at
 * its lock, up to DEPOT_MORE.
 * Source: Ghemawat and Menage, TCMalloc: Thread-Caching Malloc (2005);
 *         Bonwick and Adams, Magazines and Vmem, USENIX 2001, for the depot;
 *         Bonwick, The slab allocator, USENIX Summer 1994;
 *         Knowlton, A fast storage allocator, CACM 8:10 (1965), for pages.
 *
 * Since 6-slab: new region_unmap, kept_take, page_of, page_is_ours,
 *         page_class, pages_extend, clock_ms, heap_is_idle, units_count,
 *         heap_discard, heap_settle, slab_alloc, chain_push, chain_of,
 *         chain_alloc, chain_free, depot_pop, depot_idle, depot_give,
 *         depot_take, class_lock_take, class_take, class_give, cache_pop,
 *         cache_push, cache_close, cache_is_open, cache_batch, slot_alone,
 *         slot_refill, slot_spill, large_take, locks_take, locks_give,
 *         class_init, process_init, cache_alloc, malloc_slowly,
 *         cache_turn, free_untimely, free_outside, realloc_slowly,
 *         calloc_slowly, mm_calloc, chain_check, depot_check,
 *         chains_check, heap_check, slab_mark, region_use;
 *         changed arena_at, place, arena_extend, arena_new, row_take,
 *         units_give, block_free, slab_on, slab_new, slab_take,
 *         large_alloc, large_resize, large_free, run_alloc, run_resize,
 *         run_free, mm_init, mm_malloc, mm_free, mm_realloc, mm_memalign,
 *         mm_usable_size, slab_check, mm_checkheap, slab_mark_free,
 *         arena_walk, mm_walk.
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
    ARENA_SHIFT = 21,
    ARENA = 1 << ARENA_SHIFT, /* bytes and alignment of an arena */
    UNITS = ARENA / UNIT,
    WORD = 64,                         /* units that a word has bits for */
    ORDERS = ARENA_SHIFT - UNIT_SHIFT, /* 0 to ORDERS - 1: half an arena */
    SLOT_MAX = 64 * 1024,              /* larger blocks are runs of pages */
    RUN_MAX = ARENA / 2,               /* and still larger ones are mapped */

    LARGE_FRONT = 4 * MM_ALIGN, /* bytes before a large block's payload */
    KEPT_MOST = 32 << 20,       /* bytes of one that is kept when freed */
    KEPT_PART = 8,              /* so much of it may be lost to the next */

    /* Of regions without a payload, in its place: */
    TABLE = 1, /* pages.class */
    KEPT = 2,  /* a large block that is kept */

    /* In the map, beside the orders: */
    FREE = 0x40,
    INSIDE = 0xff,
};

/*
 * Classes: slots of 16, 32, ... 128 bytes, then four to each doubling, so 160,
 * 192, 224, 256, 320 ... 8 KiB, then whole pages up to SLOT_MAX.
 */
enum {
    FINE_SHIFT = 7, /* up to 1 << FINE_SHIFT bytes, MM_ALIGN apart */
    FINE_CLASSES = (1 << FINE_SHIFT) / MM_ALIGN,
    DOUBLINGS = 6,
    STEP_MAX = 1 << (FINE_SHIFT + DOUBLINGS), /* above, slots are pages */
    STEP_CLASSES = FINE_CLASSES + 4 * DOUBLINGS,
    CLASSES = STEP_CLASSES + (SLOT_MAX - STEP_MAX) / UNIT,
    SLOTS_MAX = UNIT / MM_ALIGN, /* in a slab; those of one page have most */
    RUN = CLASSES,               /* of a slab that is one block */
    TABLE_MAX = 1024,            /* up to here a table knows the class */
};

enum {
    LINE = 64,              /* bytes that one processor writes at a time */
    CHAIN_BYTES = 8 * 1024, /* of the slots in a chain, and ... */
    CHAIN_MAX = 128,        /* so many at most, ... */
    CHAIN_LEAST = 2,        /* and so many at least, but of whole pages one */
    BATCH_BYTES = 256,      /* of the slots a thread gets first */
    DEPOT_PART = 4,  /* chains in a depot, as a part of a chain's slots, ... */
    DEPOT_MORE = 32, /* and so many more if threads meet there */

    IDLE_UNITS = 256,  /* free pages that stay in any case, and ... */
    IDLE_PART = 4,     /* as a part of those in use */
    IDLE_MS = 200,     /* for so long more free pages stay, too */
    IDLE_TURN = 4096,  /* after so many frees a thread looks at that */
    DISCARD_ORDER = 4, /* smaller free blocks stay as they are */
};

/* The head of every mapping; (payload - 1) masked to ARENA is its address. */
struct region {
    struct region *next; /* in the list of all regions */
    struct region *prev;
    size_t bytes;   /* mapped from the region's address on */
    size_t payload; /* offset of a large block's; 0: an arena; TABLE, KEPT */
};

/* A free slot; in use, all of it is payload. */
struct slot {
    struct slot *next;  /* in its slab or its chain */
    struct slot *chain; /* in a depot the next chain, of the first slot */
};

/* A block in use, cut into slots. */
struct slab {
    struct slab *next; /* of this class, while it has a slot to give */
    struct slab *prev;
    struct slot *free;  /* slots given back */
    char *untouched;    /* first slot never handed out */
    uint16_t used;      /* slots in use, in a chain or by the program */
    uint16_t remaining; /* slots from untouched on */
    uint16_t units;     /* its pages */
    uint8_t class;
};

struct arena {
    struct region region;
    size_t used;                 /* units in use */
    size_t row_most;             /* no more units in a row are free */
    uint64_t free[UNITS / WORD]; /* a bit a unit: it is free */
    uint8_t map[UNITS];
    uint16_t first[UNITS]; /* of a slab's page: the slab's first unit */
    struct slab slabs[UNITS];
};

/* A free block; in use, it is a slab. */
struct block {
    struct block *next;
    struct block *prev;
};

/* What is to be known of a class, computed once. */
struct shape {
    uint32_t bytes; /* of a slot */
    uint16_t units; /* of a slab */
    uint16_t slots; /* of a slab */
    uint8_t chain;  /* slots of a full chain */
    uint8_t most;   /* chains in a depot at most */
};

/*
 * A thread's free slots. Of each class there is the chain that it takes slots
 * from and puts them to, and a full one if it has one to spare. Classes that
 * the thread has not used, RUN, and before and after its life all, have
 * an empty chain without room.
 */
struct cache {
    struct slot *first[CLASSES];
    int16_t room[RUN + 1]; /* slots that the chain lacks to be full */
    struct slot *spare[CLASSES];
    uint8_t batch[CLASSES];              /* slots it last got from slabs */
    uint8_t class[TABLE_MAX / MM_ALIGN]; /* by (size - 1) / MM_ALIGN */
    int turn;       /* frees until cache_turn; then below 0 */
    bool is_open;   /* the thread's end will close it */
    bool is_closed; /* the thread is ending */
};

/* Full chains that threads have left, for others to take. */
struct depot {
    struct slot *first; /* linked by the first slots' chain */
    unsigned count;
    unsigned least; /* count was no less since ... */
    unsigned turns; /* so many chains came */
    unsigned more;  /* chains it may have beyond the class's most */
};

/*
 * The classes of the pages in all arenas, which lie side by side. Threads read
 * them without a lock, and never one that is just written: a page has its class
 * before anyone has a block in it. No other data shares the cache line.
 */
struct pages {
    _Alignas(LINE) struct arena *first; /* where the first page is or will be */
    _Atomic size_t count;
    uint8_t *_Atomic class; /* of the slots in each; replaced when too small */
    size_t room;            /* for so many pages */
};

enum { HEAD_UNITS = (sizeof(struct arena) + UNIT - 1) / UNIT };

_Static_assert(sizeof(struct block) <= UNIT, "links fit");
_Static_assert(sizeof(struct slot) <= MM_ALIGN, "links fit a slot");
_Static_assert(sizeof(struct region) <= LARGE_FRONT, "the head fits");
_Static_assert(ORDERS < FREE, "an order and FREE fit a byte of the map");
_Static_assert(UNITS - 1 <= UINT16_MAX, "a unit fits an entry of first");

static struct region *region_first;
static struct region *region_kept; /* freed last, for the next; or NULL */
static int64_t kept_since;         /* in ms */
static struct block *free_first[ORDERS];
static size_t arena_count;
static uint8_t pages_class[UNITS]; /* of the first arena's */
static struct pages pages;
static size_t units_used; /* of all arenas */
static size_t units_idle; /* freed since the last discard, and not used */
static int64_t
    idle_since; /* when they became too many, in ms; 0: they're not */

static struct shape shapes[CLASSES];

static pthread_mutex_t heap_lock;
static pthread_mutex_t class_lock[CLASSES]; /* of the next two, and slabs */
static struct slab *slab_first[CLASSES];
static struct depot depots[CLASSES];

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

static void region_unmap(struct region *r)
{
    if (r)
        mem_unmap(r, r->bytes);
}

/* The large block that is kept, which is no longer, nor listed; or NULL. */
static struct region *kept_take(void)
{
    struct region *r = region_kept;

    region_kept = NULL;
    if (r)
        region_unlist(r);
    return r;
}

/* --- Pages ------------------------------------------------------------ */

/* Whole pages that hold size bytes. */
static size_t pages_for(size_t size)
{
    return (size + mem_pagesize() - 1) & ~(mem_pagesize() - 1);
}

static size_t page_of(const void *payload)
{
    return ((uintptr_t)payload - (uintptr_t)pages.first) >> UNIT_SHIFT;
}

/* False for what lies outside the arenas: large blocks and NULL. */
static bool page_is_ours(size_t page)
{
    return page < atomic_load_explicit(&pages.count, memory_order_relaxed);
}

/* The class of the slots in a page, or RUN. */
static size_t page_class(size_t page)
{
    return atomic_load_explicit(&pages.class, memory_order_acquire)[page];
}

/*
 * Have room for the classes of so many pages. The table that was too small
 * stays: someone may be reading it. Returns false with errno = ENOMEM.
 */
static bool pages_extend(size_t count)
{
    if (count <= pages.room)
        return true;

    size_t bytes = pages_for(4 * count);
    struct region *r = mem_map(bytes, ARENA);
    if (!r)
        return false;
    r->bytes = bytes;
    r->payload = TABLE;
    region_list(r);

    uint8_t *class = (uint8_t *)(r + 1);
    memcpy(class, pages.class, pages.count);
    atomic_store_explicit(&pages.class, class, memory_order_release);
    pages.room = bytes - sizeof(*r);
    return true;
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
    return (struct arena *)((char *)pages.first + (i << ARENA_SHIFT));
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

/* So many units, from a multiple of that on, are free now, or are no more. */
static void units_flip(struct arena *a, size_t unit, size_t units)
{
    if (units < WORD)
        a->free[unit / WORD] ^= (((uint64_t)1 << units) - 1) << unit % WORD;
    for (size_t i = 0; i < units / WORD; i++)
        a->free[unit / WORD + i] ^= UINT64_MAX;
}

/* The first unit from there on that is free, or is not; UNITS: none is. */
static size_t units_next(const struct arena *a, size_t unit, bool is_free)
{
    while (unit < UNITS) {
        uint64_t free = a->free[unit / WORD];
        uint64_t word = (is_free ? free : ~free) >> unit % WORD;

        if (word)
            return unit + (size_t)__builtin_ctzl(word);
        unit += WORD - unit % WORD;
    }
    return UNITS;
}

/* --- The free lists --------------------------------------------------- */

/* Put the block of this order on its free list; map and bits say so, too. */
static void list_push(struct block *b, unsigned order)
{
    *block_state(b) = (uint8_t)(order | FREE);
    units_flip(arena_of(b), block_unit(b), (size_t)1 << order);
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
    units_flip(arena_of(b), block_unit(b), (size_t)1 << block_order(b));
    *block_state(b) = INSIDE;
}

/* --- The heap --------------------------------------------------------- */

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
    if (unit < end)
        memset(a->map + unit, INSIDE, end - unit);
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

static int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* More pages are free than are worth to be kept. */
static bool heap_is_idle(void)
{
    return units_idle > IDLE_UNITS + units_used / IDLE_PART;
}

/* So many units have come into use; some of them may be new. */
static void units_count(struct arena *a, size_t units)
{
    a->used += units;
    units_used += units;
    units_idle -= units < units_idle ? units : units_idle;
    if (!heap_is_idle())
        idle_since = 0;
}

/* Give the system what free blocks hold, but for their first pages' links. */
static void heap_discard(void)
{
    for (unsigned order = DISCARD_ORDER; order < ORDERS; order++) {
        for (struct block *b = free_first[order]; b; b = b->next) {
            mem_discard((char *)b + UNIT, ((size_t)UNIT << order) - UNIT);
        }
    }
    units_idle = 0;
    idle_since = 0;
}

/* Discard what has been too much for a while. */
static void heap_settle(void)
{
    if (region_kept && clock_ms() - kept_since >= IDLE_MS)
        region_unmap(kept_take());
    if (!heap_is_idle())
        return;
    if (idle_since == 0)
        idle_since = clock_ms();
    else if (clock_ms() - idle_since >= IDLE_MS)
        heap_discard();
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
    units_count(arena_of(b), (size_t)1 << order);
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

    region_unmap(kept_take());
    if (mem_sbrk((intptr_t)bytes) == (void *)-1)
        return false;
    a->region.bytes += bytes;
    return true;
}

/* Begin one more arena behind the last. Returns false with errno = ENOMEM. */
static bool arena_new(void)
{
    if (!pages_extend((arena_count + 1) * UNITS))
        return false;

    size_t skipped = -(uintptr_t)mem_sbrk(0) & (ARENA - 1);
    char *old = mem_sbrk((intptr_t)(skipped + HEAD_UNITS * UNIT));
    if (old == (char *)-1)
        return false;

    struct arena *a = (struct arena *)(old + skipped);
    a->region.bytes = HEAD_UNITS * UNIT;
    a->region.payload = 0;
    a->used = 0;
    a->row_most = 0;
    memset(a->free, 0, sizeof(a->free));
    memset(a->map, INSIDE, sizeof(a->map));
    region_list(&a->region);
    arena_count++;
    pages.count = arena_count * UNITS;
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

/* Find the first row that has so many units at a multiple of align. */
static bool row_find(struct arena *a, size_t units, size_t align,
                     struct row *row)
{
    row->end = HEAD_UNITS;
    do {
        row->first = units_next(a, row->end, true);
        row->end = units_next(a, row->first, false);
    } while (row->first < UNITS && row_start(row, align) + units > row->end);
    return row->first < UNITS;
}

/* Take units at a multiple of align, up to the arena's end at most. */
static struct block *row_take(struct arena *a, const struct row *row,
                              size_t units, size_t align)
{
    size_t start = row_start(row, align);
    size_t end = row->first;

    while (end < row->end && end < start + units) {
        struct block *b = block_at(a, end);

        end += (size_t)1 << block_order(b);
        list_remove(b);
    }
    units_free(a, row->first, start);
    units_use(a, start, start + units);
    units_free(a, start + units, end);
    units_count(a, units);
    return block_at(a, start);
}

/* What is free at the arena's end; its head is not. */
static struct row row_last(const struct arena *a)
{
    struct row row = {arena_end(a), arena_end(a)};

    while (units_next(a, row.first - 1, true) < row.first)
        row.first--;
    return row;
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
        row = row_last(a);
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
 * One page is cut off the smallest free block. More pages are taken from the
 * first row that has so many, which keeps rows long elsewhere (first fit).
 */
static struct block *block_find(size_t units, size_t align)
{
    struct block *b = find_fit(0);
    struct row row;

    if (b && units == 1 && align == 1) {
        place(b, 0);
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
    struct block *b = block_find(units, align);

    return b ? b : heap_grow(units, align);
}

/* Units that were in use are free. */
static void units_give(struct arena *a, size_t unit, size_t end)
{
    a->used -= end - unit;
    units_used -= end - unit;
    units_idle += end - unit;
    units_free(a, unit, end);
    heap_settle();
}

/* Free a run of units. */
static void block_free(struct block *b, size_t units)
{
    pthread_mutex_lock(&heap_lock);
    units_give(arena_of(b), block_unit(b), block_unit(b) + units);
    pthread_mutex_unlock(&heap_lock);
}

/* --- Classes ---------------------------------------------------------- */

static size_t units_for(size_t size)
{
    return (size + UNIT - 1) >> UNIT_SHIFT;
}

/* The smallest class whose slots hold size bytes, 1 to SLOT_MAX. */
static unsigned class_for(size_t size)
{
    size_t last = size - 1;

    if (last >> FINE_SHIFT == 0)
        return (unsigned)(last / MM_ALIGN);
    if (size > STEP_MAX)
        return (unsigned)(STEP_CLASSES + (last - STEP_MAX) / UNIT);

    unsigned top = 63 - (unsigned)__builtin_clzl(last);
    return FINE_CLASSES + 4 * (top - FINE_SHIFT) +
           (unsigned)(last >> (top - 2)) % 4;
}

/* Bytes of a slot. */
static size_t class_size(unsigned c)
{
    if (c < FINE_CLASSES)
        return (c + 1) * (size_t)MM_ALIGN;
    if (c >= STEP_CLASSES)
        return STEP_MAX + (c - STEP_CLASSES + 1) * (size_t)UNIT;

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

/* A slab on a run of units, without a slot so far. */
static struct slab *slab_on(struct block *b, unsigned c, size_t units)
{
    struct arena *a = arena_of(b);
    size_t unit = block_unit(b);
    for (size_t i = 0; i < units; i++)
        a->first[unit + i] = (uint16_t)unit;
    memset(pages.class + page_of(b), (int)c, units);

    struct slab *s = &a->slabs[unit];
    s->free = NULL;
    s->untouched = (char *)b;
    s->used = 0;
    s->remaining = 0;
    s->units = (uint16_t)units;
    s->class = (uint8_t)c;
    return s;
}

/* slab_alloc - a slab on units at a multiple of align. NULL: ENOMEM. */
static struct slab *slab_alloc(unsigned c, size_t units, size_t align)
{
    pthread_mutex_lock(&heap_lock);
    struct block *b = block_alloc(units, align);
    struct slab *s = b ? slab_on(b, c, units) : NULL;
    if (s && c == RUN)
        s->used = 1;
    pthread_mutex_unlock(&heap_lock);
    return s;
}

/* slab_new - a listed slab of the class. NULL with errno = ENOMEM. */
static struct slab *slab_new(unsigned c)
{
    struct slab *s = slab_alloc(c, shapes[c].units, 1);

    if (!s)
        return NULL;
    s->remaining = shapes[c].slots;
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
        s->untouched += shapes[s->class].bytes;
        s->remaining--;
    }
    s->used++;
    if (slab_is_full(s))
        slab_unlist(s);
    return slot;
}

/* A slot comes back to a slab that has none in use, or a block that is kept: a
   bug of the caller. */
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
        block_free(slab_block(s), s->units);
    }
}

/* slot_alloc - a slot of the class. NULL with errno = ENOMEM. */
static void *slot_alloc(unsigned c)
{
    struct slab *s = slab_first[c];

    if (!s)
        s = slab_new(c);
    return s ? slab_take(s) : NULL;
}

/* --- Chains ----------------------------------------------------------- */

static struct slot *chain_push(struct slot *chain, struct slot *slot)
{
    slot->next = chain;
    return slot;
}

/*
 * A chain of slots that lie side by side, such that one of 16 or 32 bytes does
 * not share a cache line with the next: they may be for two threads, and each
 * would take the line from the other with every write.
 */
static struct slot *chain_of(unsigned c, struct slot **slots, unsigned count)
{
    unsigned step = shapes[c].bytes < LINE ? LINE / shapes[c].bytes : 1;
    struct slot *chain = NULL;

    for (unsigned first = step; first-- > 0;) {
        for (unsigned i = first; i < count; i += step)
            chain = chain_push(chain, slots[i]);
    }
    return chain;
}

/* So many slots of slabs, under the lock, or as many as memory has. */
static struct slot *chain_alloc(unsigned c, unsigned *count)
{
    struct slot *slots[CHAIN_MAX];
    unsigned taken = 0;

    while (taken < *count && (slots[taken] = slot_alloc(c)))
        taken++;
    *count = taken;
    return chain_of(c, slots, taken);
}

/* Put the slots of a chain back into their slabs, under the lock. */
static void chain_free(struct slot *chain)
{
    while (chain) {
        struct slot *slot = chain;

        chain = slot->next;
        slab_put(slab_of(slot), slot);
    }
}

/* --- Depots ----------------------------------------------------------- */

static struct slot *depot_pop(struct depot *d)
{
    struct slot *chain = d->first;

    if (chain) {
        d->first = chain->chain;
        d->count--;
    }
    return chain;
}

/* How many chains nobody has needed for a while; begins to count anew. */
static unsigned depot_idle(struct depot *d)
{
    unsigned idle = d->least;

    d->least = d->count - idle;
    d->turns = 0;
    return idle;
}

/* Leave a full chain, under the lock. What is too much goes to the slabs. */
static void depot_give(unsigned c, struct slot *chain)
{
    struct depot *d = &depots[c];
    unsigned most = shapes[c].most + d->more;
    unsigned idle = 0;

    chain->chain = d->first;
    d->first = chain;
    d->count++;
    if (++d->turns >= most)
        idle = depot_idle(d);
    else if (d->count > most)
        idle = 1;
    while (idle-- > 0)
        chain_free(depot_pop(d));
}

/* A full chain that another thread has left, under the lock; or NULL. */
static struct slot *depot_take(unsigned c)
{
    struct depot *d = &depots[c];
    struct slot *chain = depot_pop(d);

    if (d->count < d->least)
        d->least = d->count;
    return chain;
}

/*
 * Take the lock of a class. If another thread has it, the depot may have one
 * chain more from now on: what comes from it is got sooner than from the slabs,
 * and so the next thread waits less.
 */
static void class_lock_take(unsigned c)
{
    if (pthread_mutex_trylock(&class_lock[c]) == 0)
        return;
    pthread_mutex_lock(&class_lock[c]);
    if (depots[c].more < DEPOT_MORE)
        depots[c].more++;
}

/* class_take - a full chain of the depot, or else so many slots of slabs. */
static struct slot *class_take(unsigned c, unsigned *count)
{
    class_lock_take(c);
    struct slot *chain = depot_take(c);
    if (chain)
        *count = shapes[c].chain;
    else
        chain = chain_alloc(c, count);
    pthread_mutex_unlock(&class_lock[c]);
    return chain;
}

/* Take back a chain, for the depot if it is full. */
static void class_give(unsigned c, struct slot *chain, bool is_full)
{
    class_lock_take(c);
    if (is_full)
        depot_give(c, chain);
    else
        chain_free(chain);
    pthread_mutex_unlock(&class_lock[c]);
}

/* --- Caches ----------------------------------------------------------- */

/* A slot of the thread's chain; NULL if that is empty. */
static void *cache_pop(unsigned c)
{
    struct slot *slot = cache.first[c];

    if (slot) {
        cache.first[c] = slot->next;
        cache.room[c]++;
    }
    return slot;
}

/* Put a slot into the thread's chain, whose room has been taken. */
static void cache_push(size_t c, void *slot)
{
    cache.first[c] = chain_push(cache.first[c], slot);
}

static void cache_close(void *unused)
{
    (void)unused;
    cache.is_closed = true;
    for (unsigned c = 0; c < CLASSES; c++) {
        if (cache.spare[c])
            class_give(c, cache.spare[c], true);
        if (cache.first[c])
            class_give(c, cache.first[c], false);
        cache.first[c] = cache.spare[c] = NULL;
        cache.room[c] = 0;
    }
}

/* Is the thread to have chains? If so, see to it that they are given back. */
static bool cache_is_open(void)
{
    if (!cache.is_open) {
        cache.is_open = true; /* first, as pthread_setspecific may allocate */
        for (size_t i = 0; i < TABLE_MAX / MM_ALIGN; i++)
            cache.class[i] = (uint8_t)class_for((i + 1) * MM_ALIGN);
        pthread_setspecific(cache_key, &cache);
    }
    return !cache.is_closed;
}

/* How many slots come from the slabs: twice as many each time. */
static unsigned cache_batch(unsigned c)
{
    unsigned batch = 2u * cache.batch[c];
    unsigned least = BATCH_BYTES / shapes[c].bytes;

    if (batch <= least)
        batch = least > 0 ? least : 1;
    if (batch > shapes[c].chain)
        batch = shapes[c].chain;
    cache.batch[c] = (uint8_t)batch;
    return batch;
}

/* A slot for a thread without chains. NULL with errno = ENOMEM. */
static void *slot_alone(unsigned c)
{
    pthread_mutex_lock(&class_lock[c]);
    void *slot = slot_alloc(c);
    pthread_mutex_unlock(&class_lock[c]);
    return slot;
}

/* slot_refill - a slot of the class, whose chain is empty; NULL: ENOMEM. */
static __attribute__((noinline)) void *slot_refill(unsigned c)
{
    unsigned count = shapes[c].chain;

    if (!cache_is_open())
        return slot_alone(c);
    if (cache.first[c]) /* to open it has taken memory */
        return cache_pop(c);

    struct slot *chain = cache.spare[c];
    cache.spare[c] = NULL;
    if (!chain) {
        count = cache_batch(c);
        chain = class_take(c, &count);
    }
    cache.first[c] = chain;
    cache.room[c] = (int16_t)(shapes[c].chain - count);
    return cache_pop(c);
}

/* Put a slot into the thread's chain, which is full, or not begun. */
static void slot_spill(unsigned c, void *slot)
{
    struct slot *chain = chain_push(NULL, slot);

    if (!cache_is_open()) {
        class_give(c, chain, false);
        return;
    }
    if (cache.first[c]) {
        if (cache.spare[c])
            class_give(c, cache.spare[c], true);
        cache.spare[c] = cache.first[c];
    }
    cache.first[c] = chain;
    cache.room[c] = (int16_t)(shapes[c].chain - 1);
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
    size_t front = align > LARGE_FRONT ? align : LARGE_FRONT;

    if (size > PTRDIFF_MAX - front) {
        errno = ENOMEM;
        return NULL;
    }

    pthread_mutex_lock(&heap_lock);
    struct region *kept = kept_take();
    pthread_mutex_unlock(&heap_lock);
    region_unmap(kept);

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

/* Free a large block. It is kept in place of the one before, unless it is huge,
   and until the heap has to grow. */
static void large_free(struct region *r)
{
    struct region *gone;

    pthread_mutex_lock(&heap_lock);
    if (r->payload == KEPT)
        slab_misuse((char *)r + LARGE_FRONT);
    if (r->bytes <= KEPT_MOST) {
        gone = kept_take();
        r->payload = KEPT;
        region_kept = r;
        kept_since = clock_ms();
    } else {
        region_unlist(r);
        gone = r;
    }
    pthread_mutex_unlock(&heap_lock);
    region_unmap(gone);
}

/* The kept block, if not much of it would be lost, or a new one. Only a new one
   is zero. NULL with errno = ENOMEM. */
static void *large_take(size_t size)
{
    pthread_mutex_lock(&heap_lock);
    struct region *r = region_kept;
    bool fits = r && size <= r->bytes - LARGE_FRONT &&
                size >= r->bytes - r->bytes / KEPT_PART;
    if (fits) {
        r->payload = LARGE_FRONT;
        region_kept = NULL;
    }
    pthread_mutex_unlock(&heap_lock);
    return fits ? (char *)r + LARGE_FRONT : large_alloc(MM_ALIGN, size);
}

/* --- Runs ------------------------------------------------------------- */

/* run_alloc - whole pages at a multiple of align, a power of two, or a mapping
 * if there are none in the arenas. NULL with errno = ENOMEM. */
static void *run_alloc(size_t align, size_t size)
{
    struct slab *s = slab_alloc(RUN, units_for(size), units_for(align));

    return s ? slab_block(s) : large_alloc(align, size);
}

/* Have more units behind a run; false if they are not free. */
static bool run_extend(struct slab *s, size_t units)
{
    struct arena *a = (struct arena *)region_of(s);
    size_t from = (size_t)(s - a->slabs) + s->units;
    size_t end = from + units;
    struct row row = {from, units_next(a, from, false)};
    bool is_last = a == arena_at(arena_count - 1) && row.end == arena_end(a);

    if (row.end < end && (!is_last || end > UNITS || !arena_extend(a, end)))
        return false;
    row_take(a, &row, units, 1);
    return true;
}

/*
 * Change the length of a run, or of a slab of one slot, where it is. Returns
 * false if there are no pages behind it.
 */
static bool run_resize(struct slab *s, unsigned c, size_t units)
{
    struct block *b = slab_block(s);
    struct arena *a = arena_of(b);
    bool is_done = true;

    pthread_mutex_lock(&heap_lock);
    if (units < s->units)
        units_give(a, block_unit(b) + units, block_unit(b) + s->units);
    else if (units > s->units)
        is_done = run_extend(s, units - s->units);
    if (is_done) {
        units_use(a, block_unit(b), block_unit(b) + units);
        slab_on(b, c, units)->used = 1;
        s->untouched += units * UNIT;
    }
    pthread_mutex_unlock(&heap_lock);
    return is_done;
}

static void run_free(struct slab *s, const void *ptr)
{
    size_t unit = block_unit(slab_block(s));

    pthread_mutex_lock(&heap_lock);
    if (s->used == 0)
        slab_misuse(ptr);
    s->used = 0;
    units_give(arena_of(ptr), unit, unit + s->units);
    pthread_mutex_unlock(&heap_lock);
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

static void class_init(unsigned c)
{
    size_t size = class_size(c);
    size_t chain = CHAIN_BYTES / size;
    struct shape *shape = &shapes[c];

    if (chain > CHAIN_MAX)
        chain = CHAIN_MAX;
    if (chain < CHAIN_LEAST)
        chain = size > STEP_MAX ? 1 : CHAIN_LEAST;
    shape->bytes = (uint32_t)size;
    shape->units = (uint16_t)class_units(c);
    shape->slots = class_slots(c);
    shape->chain = (uint8_t)chain;
    shape->most = (uint8_t)(chain > DEPOT_PART ? chain / DEPOT_PART : 1);
}

/* Once in a process: what outlives a heap. */
static void process_init(void)
{
    pthread_mutexattr_t spin;

    pthread_mutexattr_init(&spin);
    pthread_mutexattr_settype(&spin, PTHREAD_MUTEX_ADAPTIVE_NP);
    for (unsigned c = 0; c < CLASSES; c++) {
        pthread_mutex_init(&class_lock[c], &spin);
        class_init(c);
    }
    pthread_mutex_init(&heap_lock, &spin);
    pthread_mutexattr_destroy(&spin);
    pthread_key_create(&cache_key, cache_close);
    pthread_atfork(locks_take, locks_give, locks_give);
}

/* --- The interface, see mm.h ------------------------------------------ */

int mm_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, process_init);
    region_first = region_kept = NULL;
    arena_count = 0;
    pages.first = (struct arena *)(((uintptr_t)mem_sbrk(0) + ARENA - 1) &
                                   ~(uintptr_t)(ARENA - 1));
    pages.count = 0;
    pages.class = pages_class;
    pages.room = sizeof(pages_class);
    units_used = units_idle = 0;
    idle_since = 0;
    for (unsigned order = 0; order < ORDERS; order++)
        free_first[order] = NULL;
    for (unsigned c = 0; c < CLASSES; c++)
        slab_first[c] = NULL;
    memset(depots, 0, sizeof(depots));
    cache = (struct cache){0};
    return 0;
}

/* cache_alloc - a slot of the class. NULL with errno = ENOMEM. */
static void *cache_alloc(unsigned c)
{
    void *slot = cache_pop(c);

    return slot ? slot : slot_refill(c);
}

/* What mm_malloc does for an empty chain or sizes that the table lacks. */
static __attribute__((noinline)) void *malloc_slowly(size_t size)
{
    if (size == 0)
        return NULL;
    if (size > RUN_MAX)
        return large_take(size);
    if (size > SLOT_MAX)
        return run_alloc(MM_ALIGN, size);
    return cache_alloc(class_for(size));
}

void *mm_malloc(size_t size)
{
    if (size - 1 < TABLE_MAX) {
        void *slot = cache_pop(cache.class[(size - 1) / MM_ALIGN]);

        if (slot)
            return slot;
    }
    return malloc_slowly(size);
}

/* Now and then, see to the free pages: the slabs may have no more to do. */
static void cache_turn(void)
{
    cache.turn = IDLE_TURN;
    pthread_mutex_lock(&heap_lock);
    heap_settle();
    pthread_mutex_unlock(&heap_lock);
}

/* What mm_free does when the chain has no room, or there is none for RUN. */
static __attribute__((noinline)) void free_untimely(void *ptr, size_t class)
{
    unsigned c = (unsigned)class;
    int saved = errno;

    if (cache.turn < 0)
        cache_turn();
    if (cache.room[c] >= 0) {
        cache_push(c, ptr);
        return;
    }
    cache.room[c] = 0;
    if (c == RUN)
        run_free(slab_of(ptr), ptr);
    else
        slot_spill(c, ptr);
    errno = saved;
}

/* What mm_free does for a block outside the arenas, or for NULL. */
static __attribute__((noinline)) void free_outside(void *ptr)
{
    int saved = errno;

    if (ptr)
        large_free(region_of(ptr));
    errno = saved;
}

void mm_free(void *ptr)
{
    size_t page = page_of(ptr);

    if (__builtin_expect(!page_is_ours(page), 0)) {
        free_outside(ptr);
        return;
    }

    size_t c = page_class(page);
    if (--cache.room[c] < 0 || --cache.turn < 0)
        free_untimely(ptr, c);
    else
        cache_push(c, ptr);
}

/* What mm_realloc does for a block that is too small, or far too large. */
static __attribute__((noinline)) void *realloc_slowly(void *ptr, size_t size)
{
    size_t usable = mm_usable_size(ptr);
    bool is_large = !page_is_ours(page_of(ptr));

    if (is_large && size > RUN_MAX)
        return large_resize(region_of(ptr), size);
    if (!is_large && size > STEP_MAX && size <= RUN_MAX && usable > STEP_MAX &&
        run_resize(slab_of(ptr), size > SLOT_MAX ? RUN : class_for(size),
                   units_for(size)))
        return ptr;

    void *moved = mm_malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, ptr, usable < size ? usable : size);
    mm_free(ptr);
    return moved;
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
    return realloc_slowly(ptr, size);
}

/* What mm_calloc does for sizes that the table lacks; new mappings are zero. */
static __attribute__((noinline)) void *calloc_slowly(size_t size)
{
    if (size > RUN_MAX)
        return large_alloc(MM_ALIGN, size);

    void *ptr = malloc_slowly(size);
    return ptr ? memset(ptr, 0, size) : NULL;
}

void *mm_calloc(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    if (bytes - 1 >= TABLE_MAX)
        return calloc_slowly(bytes);

    void *ptr = mm_malloc(bytes);
    return ptr ? memset(ptr, 0, bytes) : NULL;
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
    return cache_alloc(class_for(whole));
}

size_t mm_usable_size(const void *ptr)
{
    if (!ptr)
        return 0;

    size_t page = page_of(ptr);
    if (!page_is_ours(page)) {
        struct region *r = region_of(ptr);
        return r->bytes - r->payload;
    }

    size_t c = page_class(page);
    return c < RUN ? shapes[c].bytes : slab_slot_bytes(slab_of(ptr));
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

/* Check that a block in use is part of the slab that its first page names. */
static bool part_check(int line, struct arena *a, size_t unit)
{
    size_t first = a->first[unit];
    const struct slab *s = &a->slabs[first];

    return (first <= unit && unit < first + s->units &&
            first + s->units <= arena_end(a) && s->class <= RUN &&
            (s->class == RUN || s->units == class_units(s->class))) ||
           broken(line, "I6", s);
}

/* Check a slab on its pages, and count it if it has a slot to give. */
static bool slab_check(int line, struct arena *a, size_t unit,
                       struct census *census)
{
    struct slab *s = &a->slabs[unit];
    const char *first = (const char *)block_at(a, unit);
    size_t size = slab_slot_bytes(s);
    size_t slots = s->class == RUN ? 1 : class_slots(s->class);
    size_t listed = 0;

    for (size_t i = 0; i < s->units; i++) {
        if (a->first[unit + i] != unit ||
            page_class(page_of(first) + i) != s->class)
            return broken(line, "I6", s);
    }
    for (struct slot *slot = s->free; slot; slot = slot->next) {
        size_t at = (size_t)((const char *)slot - first);

        if (at % size != 0 || (const char *)slot >= s->untouched ||
            ++listed > slots)
            return broken(line, "I7", slot);
    }
    if (s->used + listed + s->remaining != slots ||
        (s->class != RUN && s->untouched != first + (s->used + listed) * size))
        return broken(line, "I7", s);
    if (!slab_is_full(s))
        census->slabs[s->class]++;
    return true;
}

/* No free row of an arena is longer than row_most says, none past its end. */
static bool rows_check(int line, struct arena *a)
{
    struct row row;

    return (units_next(a, arena_end(a), true) == UNITS &&
            !row_find(a, a->row_most + 1, 1, &row)) ||
           broken(line, "I9", a);
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
        if (units_next(a, unit, block_is_used(b)) < unit + units)
            return broken(line, "I9", b);
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

/* So many slots of class c in a chain, in use as far as slabs know. */
static bool chain_check(int line, unsigned c, const struct slot *chain,
                        size_t count)
{
    const struct slot *slot = chain;

    for (; slot && count > 0; slot = slot->next, count--) {
        if (slab_of(slot)->class != c || slab_of(slot)->used == 0)
            return broken(line, "I10", slot);
    }
    return (!slot && count == 0) || broken(line, "I10", chain);
}

static bool depot_check(int line, unsigned c)
{
    const struct slot *chain = depots[c].first;

    for (unsigned i = 0; i < depots[c].count; i++, chain = chain->chain) {
        if (!chain)
            return broken(line, "I11", &depots[c]);
        if (!chain_check(line, c, chain, shapes[c].chain))
            return false;
    }
    return !chain || broken(line, "I11", &depots[c]);
}

/* The depots and the calling thread's chains; those of others are theirs. */
static bool chains_check(int line)
{
    for (unsigned c = 0; c < CLASSES; c++) {
        size_t full = shapes[c].chain;
        size_t room = (size_t)cache.room[c];

        if (!depot_check(line, c) ||
            (cache.spare[c] && !chain_check(line, c, cache.spare[c], full)) ||
            ((cache.first[c] || room > 0) &&
             !chain_check(line, c, cache.first[c], full - room)))
            return false;
    }
    return true;
}

static bool heap_check(int line)
{
    struct census census = {0};

    const struct region *prev = NULL;

    for (struct region *r = region_first; r; prev = r, r = r->next) {
        if ((uintptr_t)r % ARENA != 0 || r->prev != prev ||
            (r->payload == KEPT) != (r == region_kept))
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
    return chains_check(line);
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

/* Mark those slots of a list that belong to the slab. */
static void slab_mark(struct slab *s, const struct slot *slot, bool *is_free)
{
    const char *first = (const char *)slab_block(s);
    size_t size = slab_slot_bytes(s);

    for (; slot; slot = slot->next) {
        if (slab_of(slot) == s)
            is_free[(size_t)((const char *)slot - first) / size] = true;
    }
}

/*
 * Mark the slots of a slab that are not in use: those given back, and those in
 * the depot or in a chain of the calling thread. What other threads keep is
 * not to be read, and shows as in use. Returns how many slots there are.
 */
static size_t slab_mark_free(struct slab *s, bool is_free[SLOTS_MAX])
{
    if (s->class == RUN) {
        is_free[0] = false;
        return 1;
    }

    size_t slots = shapes[s->class].slots;
    for (size_t i = 0; i < slots; i++)
        is_free[i] = i >= slots - s->remaining;
    slab_mark(s, s->free, is_free);
    slab_mark(s, cache.first[s->class], is_free);
    slab_mark(s, cache.spare[s->class], is_free);
    for (struct slot *at = depots[s->class].first; at; at = at->chain)
        slab_mark(s, at, is_free);
    return slots;
}

static void slab_walk(struct slab *s, mm_visit *visit, void *arg)
{
    const char *slot = (const char *)slab_block(s);
    size_t size = slab_slot_bytes(s);
    bool is_free[SLOTS_MAX];
    size_t slots = slab_mark_free(s, is_free);
    size_t tail = s->units * (size_t)UNIT - slots * size;

    for (size_t i = 0; i < slots; i++, slot += size)
        visit_bytes(slot, size, is_free[i] ? MM_FREE : MM_USED, visit, arg);
    if (tail > 0)
        visit_bytes(slot, tail, MM_OVERHEAD, visit, arg);
}

static void arena_walk(struct arena *a, mm_visit *visit, void *arg)
{
    size_t unit = HEAD_UNITS;
    const char *heap = mem_heap_lo();

    if (a == pages.first && (const char *)a > heap)
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

/* What a region that is no arena is for. */
static enum mm_use region_use(const struct region *r)
{
    if (r->payload == KEPT)
        return MM_FREE;
    return r->payload == TABLE ? MM_OVERHEAD : MM_USED;
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
            visit_bytes(r, r->bytes, region_use(r), visit, arg);
    }
    locks_give();
}
