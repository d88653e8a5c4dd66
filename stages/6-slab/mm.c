/*
 * 6-slab/mm.c - equal slots cut from the buddy's pages, a free list a slab.
 *
 * The buddy of 5-buddy hands out pages now, and a slab is a run of pages cut
 * into slots of one size. mm_malloc takes the first free slot of the first
 * slab of its class that has one; mm_free puts it back. Neither searches nor
 * merges, and the rounding is small, since the classes stand at most 25 %
 * apart. A slot needs no header: masking the pointer finds the arena, whose
 * head has a record of every slab. A slab without a slot in use goes back to
 * the buddy, where pages merge and serve another class.
 *
 * One page is cut off a free block as in 5-buddy. More pages, for a slab or for
 * a block of up to RUN_MAX bytes (a run, a slab with one slot), would cost much
 * if they were to be a power of two, and aligned as the buddy has it. So they
 * are the first free pages that lie in a row, whatever blocks these are, and
 * in use they are several blocks side by side. A bit a page says which are
 * free: to look through an arena takes eight words. A run grows and shrinks
 * where it is if it can. The heap is below the break: arena behind arena, of
 * which the last one grows.
 *
 *      arena, aligned to ARENA bytes
 *    +------------------------------+---------------------------+-----------+
 *    | region | map | first | slabs | slot slot slot ... | tail | free ...  |
 *    +------------------------------+---------------------------+-----------+
 *                      |       ^      slab: a run of pages, slots of one class
 *                      +-------+      first: a page's slab, by its first page
 *
 *      slab->free -> slot -> slot -> NULL, then slots never used so far
 *
 * Invariants, checked by mm_checkheap:
 *   I1  regions are aligned to ARENA and in one list, linked both ways
 *   I2  the blocks in an arena's map tile it, each at a multiple of its size
 *   I3  no free block has a free buddy of the same order
 *   I4  free list k holds exactly the free blocks of order k, linked both ways
 *   I5  an arena's used counts the units of its blocks in use
 *   I6  a slab's pages name it, and its class says how many there are
 *   I7  a slab's used slots, listed slots and untouched slots are all it has
 *   I8  class list c holds exactly the slabs of class c with a slot to give
 *   I9  an arena's bits say which units are free, and no row of them is longer
 *       than its row_most
 *
 * Cost: malloc and free O(1), but for one slab in many and for runs, which
 * search the arenas that may have room; no bytes a block, rounding up to 25 %
 * (16 bytes up to 128), a page above 8 KiB; at most one empty slab a class; 6
 * pages in 512 for the head of an arena.
 * Source: Bonwick, The slab allocator, USENIX Summer 1994;
 *         Knowlton, A fast storage allocator, CACM 8:10 (1965), for pages.
 *
 * Since 5-buddy: new arena_at, units_flip, units_next, piece_order,
 *         units_use, units_free, arena_end, arena_extend, arena_new,
 *         row_start, row_find, row_take, row_last, heap_begin, block_find,
 *         units_give, units_for, class_for, class_size, class_units,
 *         class_slots, slab_of, slab_block, slab_slot_bytes, slab_is_full,
 *         slab_list, slab_unlist, slab_on, slab_new, slab_take,
 *         slab_misuse, slab_put, slot_alloc, pages_for, large_resize,
 *         run_alloc, run_extend, run_resize, run_free, mm_realloc,
 *         part_check, slab_check, rows_check, class_check, slab_mark_free,
 *         slab_walk;
 *         changed list_push, list_remove, heap_grow, block_alloc,
 *         block_free, large_alloc, mm_init, mm_malloc, mm_free,
 *         mm_memalign, mm_usable_size, arena_check, mm_checkheap,
 *         arena_walk;
 *         gone arena_fill, arena_unmap, arena_retire, misuse, order_for.
 */
#include "mm.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memlib.h"

const struct mm_info mm_info = {
    .name = "slab",
    .number = 6,
    .thread_safe = false,
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
};

/* The head of every mapping; (payload - 1) masked to ARENA is its address. */
struct region {
    struct region *next; /* in the list of all regions */
    struct region *prev;
    size_t bytes;   /* mapped from the region's address on */
    size_t payload; /* offset of a large block's payload; 0: an arena */
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

enum { HEAD_UNITS = (sizeof(struct arena) + UNIT - 1) / UNIT };

_Static_assert(sizeof(struct block) <= UNIT, "links fit");
_Static_assert(ORDERS < FREE, "an order and FREE fit a byte of the map");
_Static_assert(UNITS - 1 <= UINT16_MAX, "a unit fits an entry of first");

static struct region *region_first;
static struct block *free_first[ORDERS];
static struct arena *arena_first; /* all arenas lie side by side */
static size_t arena_count;
static struct slab *slab_first[CLASSES];

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
    memset(a->free, 0, sizeof(a->free));
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
    a->used += units;
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
    units_free(a, unit, end);
}

/* Free a run of units. */
static void block_free(struct block *b, size_t units)
{
    units_give(arena_of(b), block_unit(b), block_unit(b) + units);
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

    struct slab *s = &a->slabs[unit];
    s->free = NULL;
    s->untouched = (char *)b;
    s->used = 0;
    s->remaining = 0;
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
    s->remaining = class_slots(c);
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
    size_t front = align > sizeof(struct region) ? align : 4 * MM_ALIGN;

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
    region_list(r);
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
    region_unlist(r);
    struct region *moved = mem_remap(r, r->bytes, bytes, ARENA);
    if (moved) {
        r = moved;
        r->bytes = bytes;
    }
    region_list(r);
    return moved ? (char *)r + r->payload : NULL;
}

static void large_free(struct region *r)
{
    region_unlist(r);
    mem_unmap(r, r->bytes);
}

/* --- Runs ------------------------------------------------------------- */

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

    if (units < s->units)
        units_give(a, block_unit(b) + units, block_unit(b) + s->units);
    else if (units > s->units)
        is_done = run_extend(s, units - s->units);
    if (is_done) {
        units_use(a, block_unit(b), block_unit(b) + units);
        slab_on(b, c, units)->used = 1;
        s->untouched += units * UNIT;
    }
    return is_done;
}

static void run_free(struct slab *s, const void *ptr)
{
    if (s->used == 0)
        slab_misuse(ptr);
    s->used = 0;
    block_free(slab_block(s), s->units);
}

/* --- The interface, see mm.h ------------------------------------------ */

int mm_init(void)
{
    region_first = NULL;
    arena_count = 0;
    for (unsigned order = 0; order < ORDERS; order++)
        free_first[order] = NULL;
    for (unsigned c = 0; c < CLASSES; c++)
        slab_first[c] = NULL;
    return 0;
}

void *mm_malloc(size_t size)
{
    if (size == 0)
        return NULL;
    if (size > RUN_MAX)
        return large_alloc(MM_ALIGN, size);
    if (size > SLOT_MAX)
        return run_alloc(MM_ALIGN, size);
    return slot_alloc(class_for(size));
}

void mm_free(void *ptr)
{
    if (!ptr)
        return;

    int saved = errno;
    struct region *r = region_of(ptr);
    if (!region_is_arena(r))
        large_free(r);
    else if (slab_of(ptr)->class == RUN)
        run_free(slab_of(ptr), ptr);
    else
        slab_put(slab_of(ptr), ptr);
    errno = saved;
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

    bool is_large = !region_is_arena(region_of(ptr));
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
    if (region_is_arena(r))
        return slab_slot_bytes(slab_of(ptr));
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
        if (a->first[unit + i] != unit)
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

bool mm_checkheap(int line)
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

static void visit_bytes(const void *address, size_t bytes, enum mm_use use,
                        mm_visit *visit, void *arg)
{
    struct mm_extent extent = {address, bytes, use};

    visit(&extent, arg);
}

/* Mark the slots of a slab that are not in use; returns how many there are. */
static size_t slab_mark_free(struct slab *s, bool is_free[SLOTS_MAX])
{
    const char *first = (const char *)slab_block(s);
    size_t size = slab_slot_bytes(s);
    size_t slots = s->class == RUN ? 1 : class_slots(s->class);

    for (size_t i = 0; i < slots; i++)
        is_free[i] = i >= slots - s->remaining;
    for (struct slot *slot = s->free; slot; slot = slot->next)
        is_free[(size_t)((const char *)slot - first) / size] = true;
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
    for (struct region *r = region_above(NULL); r; r = region_above(r)) {
        if (region_is_arena(r))
            arena_walk((struct arena *)r, visit, arg);
        else
            visit_bytes(r, r->bytes, MM_USED, visit, arg);
    }
}
