/*
 * 4-segregated/mm.c - free blocks in classes by size, best fit, no footers
 * in blocks in use.
 *
 * Blocks are laid out and merged as in 3-explicit, with five ideas on top.
 * - The free blocks are kept in a ring a size class, and a bit a class says
 *   whether its ring holds any: where to take from is found by counting
 *   zeros. Below EXACT_END each size is a class of its own; above, a doubling
 *   is cut in 32 classes, and the ring is searched for the best fit.
 * - Only a free block has a footer. The bit p in a header says whether the
 *   block below is free, so whether a footer is there to be read. A block in
 *   use costs 8 bytes instead of 16.
 * - The free block at the end of the heap, the top, is in no ring. It is used
 *   last, needs neither links nor footer, and grows by no more than it lacks.
 * - A large block that fits nowhere gets a mapping of its own (bit m).
 * - A header is stored times a secret odd number, drawn anew by mm_init. What
 *   is written over it by accident does not divide back to a size and flags:
 *   mm_free and mm_realloc say so and abort.
 *
 *      header               payload
 *    +------------+---------------------------------------+
 *    | size | mpa |  size - 8 bytes                       |    in use, a = 1
 *    +------------+---------------------------------------+
 *    | size | 000 |  next   |  prev   |         |   size  |    free
 *    +------------+---------------------------------------+
 *    ^ struct block *                           ^ block_footer
 *                 ^ the caller's pointer, 16-byte aligned
 *
 * The heap is 8 bytes of padding, the blocks, and the top, which may be empty.
 * A mapping is a struct mapping: links to the other mappings, and the block.
 *
 * Invariants, checked by mm_checkheap:
 *   I1  headers hold a size and flags; sizes are multiples of 16, at least
 *       MIN_BLOCK, and tile the heap up to the top, which ends at the break
 *   I2  a free block's footer is its size, and p is set in a header exactly
 *       if the block below is free
 *   I3  no two neighbours are both free; the block below the top is in use
 *   I4  the rings hold exactly the free blocks but the top, each in the class
 *       of its size, linked both ways
 *   I5  the bit of a class is set exactly if its ring holds a block
 *   I6  a mapping starts on a page and is whole pages, its block says how
 *       many bytes and has m set; all are in one ring, linked both ways
 *
 * Cost: malloc O(1) where a class below EXACT_END fits, else O(free blocks of
 *         two classes above); free O(1); 8 bytes a block.
 * Source: Bryant and O'Hallaron, CS:APP (3rd ed.), 9.9.11 (the bit p) and
 *         9.9.14; Lea, A Memory Allocator (1996): bins, top, mappings; Masmano
 *         et al., TLSF, ECRTS 2004: classes of a doubling and their bit map.
 *
 * Since 3-explicit: new block_word, word_size, word_is_free, block_distance,
 *         block_set_prev_free, block_clear_prev_free, block_set_free, die,
 *         block_verify, block_verify_used, class_of, class_find, ring_push,
 *         ring_remove, ring_find, heap_take, resize, shrinks_by_moving,
 *         mapping_of, mapping_size_for, mapping_set, mapping_new,
 *         mapping_free, block_new, mapping_resize, move, mm_realloc,
 *         lists_are_sound, mappings_are_sound, walk_piece, walk_heap,
 *         mapping_above;
 *         gone block_is_free, heap_end, heap_find, list_is_sound;
 *         changed block_next, block_size, block_footer, block_prev_free,
 *         block_offset, block_set, list_push, list_remove, coalesce,
 *         heap_grow, find_fit, place, split_front, size_for, mm_init,
 *         mm_malloc, mm_free, mm_memalign, mm_usable_size, broken,
 *         block_is_inside, block_fault, mm_checkheap, mm_walk.
 */
#include "mm.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memlib.h"

const struct mm_info mm_info = {
    .name = "segregated",
    .number = 4,
    .thread_safe = false,
};

struct block {
    size_t header; /* size of the block in bytes, plus flags, times secret */

    /* Valid while the block is free; part of the payload otherwise. */
    struct block *next;
    struct block *prev;
};

/* What a mapping starts with; the payload begins at block.next. */
struct mapping {
    struct block link;  /* in the ring of all mappings */
    struct block block; /* its size is that of the mapping */
};

/* Flags in a header. A mapped block is ALLOCATED too. */
enum { FREE = 0, ALLOCATED = 1, PREV_FREE = 2, MAPPED = 4, FLAGS = 7 };

enum {
    WORD = sizeof(size_t),
    MIN_BLOCK = sizeof(struct block) + WORD, /* header, links, footer */
    CHUNK = 4096,                            /* smallest growth of the heap */
    MAP_MIN = 1 << 22,                       /* smallest block to be mapped */
    MOVE_MAX = 1 << 16,                      /* largest one moved to shrink */
    MAP_COST = offsetof(struct mapping, block) + WORD,

    EXACT_CLASSES = 64, /* class c holds the free blocks of c * 16 bytes */
    EXACT_END = EXACT_CLASSES * MM_ALIGN,
    EXACT_END_LOG = 10,
    STEP_LOG = 5, /* 32 classes a doubling */
    STEPS = 1 << STEP_LOG,
    CLASSES = EXACT_CLASSES + 8 * STEPS, /* the last has no upper end */
    MAP_BITS = 64,
};

_Static_assert(MIN_BLOCK % MM_ALIGN == 0, "blocks keep the alignment");
_Static_assert(MAP_COST % MM_ALIGN == 0, "mapped payloads are aligned");
_Static_assert(EXACT_END == 1 << EXACT_END_LOG, "classes adjoin");
_Static_assert(CLASSES % MAP_BITS == 0, "the map has no spare bits");

/* Bytes; what is asked for beyond fails at once, so that a size fits below
 * the top bits of a header, which are zero. */
static const size_t MAX_REQUEST = (size_t)1 << 46;
static const size_t SIZE_BITS = ((size_t)1 << 48) - MM_ALIGN;

static size_t secret;  /* odd */
static size_t inverse; /* secret * inverse == 1 */
static struct block *heap_first;
static struct block *top;     /* the free end of the heap; no header */
static struct block *top_end; /* the break */
static struct block rings[CLASSES];
static uint64_t class_map[CLASSES / MAP_BITS];
static struct block mappings;

/* --- Blocks ----------------------------------------------------------- */

/* The size and the flags of b, garbage if its header is smashed. */
static size_t block_word(const struct block *b)
{
    return b->header * inverse;
}

static size_t word_size(size_t word)
{
    return word & SIZE_BITS;
}

static bool word_is_free(size_t word)
{
    return (word & ALLOCATED) == FREE;
}

static void *block_payload(struct block *b)
{
    return (char *)b + WORD;
}

static struct block *block_of(const void *payload)
{
    return (struct block *)((char *)payload - WORD);
}

static struct block *block_next(struct block *b, size_t size)
{
    return (struct block *)((char *)b + size);
}

static size_t block_size(const struct block *b)
{
    return word_size(block_word(b));
}

static size_t *block_footer(struct block *b, size_t size)
{
    return (size_t *)((char *)b + size - WORD);
}

/* The free block that ends where b, with PREV_FREE set, starts. */
static struct block *block_prev_free(struct block *b)
{
    return (struct block *)((char *)b - ((size_t *)b)[-1]);
}

/* Bytes from block b up to block end. */
static size_t block_distance(const struct block *b, const struct block *end)
{
    return (size_t)((const char *)end - (const char *)b);
}

/* Bytes from the start of the heap to b. */
static size_t block_offset(const struct block *b)
{
    return block_distance(mem_heap_lo(), b);
}

/* Bytes to cut off b, as a block, to get a payload at a multiple of align. */
static size_t block_gap(struct block *b, size_t align)
{
    size_t gap = -(uintptr_t)block_payload(b) & (align - 1);

    return gap > 0 && gap < MIN_BLOCK ? gap + align : gap;
}

static void block_set(struct block *b, size_t size, size_t flags)
{
    b->header = (size | flags) * secret;
}

/* Flip a flag of b: set it where it is known to be clear, or the reverse. */
static void block_set_prev_free(struct block *b)
{
    b->header += PREV_FREE * secret;
}

static void block_clear_prev_free(struct block *b)
{
    b->header -= PREV_FREE * secret;
}

static void block_set_free(struct block *b, size_t size)
{
    block_set(b, size, FREE);
    *block_footer(b, size) = size;
}

/* Say what is wrong with block b, which caller was given, and abort. */
_Noreturn static void die(const char *caller, struct block *b, bool smashed)
{
    fprintf(stderr, "%s: %sblock %p is %s\n", caller,
            smashed ? "header of " : "", block_payload(b),
            smashed ? "smashed: something wrote outside its own block, or "
                      "this was never one"
                    : "already free");
    abort();
}

/* The word of b, whose header caller relies on. */
static size_t block_verify(const char *caller, struct block *b)
{
    size_t word = block_word(b);

    if (word & ~(SIZE_BITS | FLAGS))
        die(caller, b, true);
    return word;
}

/* The word of b, which caller was given as a block in use. */
static size_t block_verify_used(const char *caller, struct block *b)
{
    size_t word = block_verify(caller, b);

    if (word_is_free(word))
        die(caller, b, false);
    return word;
}

/* --- The free lists --------------------------------------------------- */

static size_t class_of(size_t size)
{
    if (size < EXACT_END)
        return size / MM_ALIGN;

    size_t log = MAP_BITS - 1 - (size_t)__builtin_clzl(size);
    size_t c = EXACT_CLASSES + (log - EXACT_END_LOG) * STEPS +
               (size >> (log - STEP_LOG)) - STEPS;
    return c < CLASSES ? c : CLASSES - 1;
}

/* The first class from c on that holds a block; CLASSES if none does. */
static size_t class_find(size_t c)
{
    for (; c < CLASSES; c = (c | (MAP_BITS - 1)) + 1) {
        uint64_t bits = class_map[c / MAP_BITS] >> c % MAP_BITS;
        if (bits)
            return c + (size_t)__builtin_ctzl(bits);
    }
    return CLASSES;
}

static void ring_push(struct block *ring, struct block *b)
{
    b->next = ring->next;
    b->prev = ring;
    ring->next->prev = b;
    ring->next = b;
}

static void ring_remove(struct block *b)
{
    b->prev->next = b->next;
    b->next->prev = b->prev;
}

static inline void list_push(struct block *b, size_t size)
{
    size_t c = class_of(size);

    ring_push(&rings[c], b);
    class_map[c / MAP_BITS] |= (uint64_t)1 << c % MAP_BITS;
}

static inline void list_remove(struct block *b, size_t size)
{
    size_t c = class_of(size);
    uint64_t emptied = b->next == b->prev;

    ring_remove(b);
    class_map[c / MAP_BITS] &= ~(emptied << c % MAP_BITS);
}

/* --- The heap --------------------------------------------------------- */

/*
 * coalesce - free the size bytes at b, merged with their free neighbours.
 *
 * prev_free: flag PREV_FREE of the first block of these bytes.
 *
 * The header at b becomes that of a free block in any case, so that mm_free
 * notices a second call for it. Keeps I2 to I5.
 */
static void coalesce(struct block *b, size_t size, size_t prev_free)
{
    struct block *next = block_next(b, size);

    block_set(b, 0, FREE);
    if (prev_free) {
        struct block *prev = block_prev_free(b);
        size_t below = block_distance(prev, b);
        list_remove(prev, below);
        size += below;
        b = prev;
    }
    if (next == top) {
        top = b;
        return;
    }

    size_t word = block_verify("mm_free", next);
    if (word_is_free(word)) {
        list_remove(next, word_size(word));
        size += word_size(word);
    } else {
        block_set_prev_free(next);
    }
    block_set_free(b, size);
    list_push(b, size);
}

/*
 * heap_grow - make sure that the top has size bytes.
 *
 * Asks for CHUNK bytes at least, as each call of mem_sbrk has its price, but
 * for what is lacking before it gives up.
 *
 * Returns the top, or NULL with errno = ENOMEM.
 */
static struct block *heap_grow(size_t size)
{
    size_t room = block_distance(top, top_end);
    size_t lack = size > room ? size - room : 0;
    size_t grow = lack > CHUNK ? lack : CHUNK;

    if (lack == 0)
        return top;
    if (mem_sbrk((intptr_t)grow) == (void *)-1) {
        grow = lack;
        if (mem_sbrk((intptr_t)grow) == (void *)-1)
            return NULL;
    }
    top_end = block_next(top_end, grow);
    return top;
}

/* The smallest block of a ring that has size bytes, or NULL. */
static struct block *ring_find(struct block *ring, size_t size)
{
    struct block *best = NULL;
    size_t best_size = SIZE_MAX;

    for (struct block *b = ring->next; b != ring; b = b->next) {
        size_t have = block_size(b);
        if (have >= size && have < best_size) {
            best = b;
            best_size = have;
        }
    }
    return best;
}

/* The best fit among the listed blocks, or NULL. */
static inline struct block *find_fit(size_t size)
{
    size_t c = class_of(size);

    if (c >= EXACT_CLASSES) {
        struct block *b = ring_find(&rings[c], size);
        if (b)
            return b;
        c++;
    }
    c = class_find(c);
    if (c == CLASSES)
        return NULL;
    if (c < EXACT_CLASSES)
        return rings[c].next;
    return ring_find(&rings[c], size);
}

/* Allocate size bytes at the start of free block b; the rest stays free. */
static inline void place(struct block *b, size_t size)
{
    size_t have = block_size(b);
    size_t rest = have - size;
    list_remove(b, have);
    if (rest < MIN_BLOCK) {
        block_set(b, have, ALLOCATED);
        block_clear_prev_free(block_next(b, have));
        return;
    }
    block_set(b, size, ALLOCATED);
    b = block_next(b, size);
    block_set_free(b, rest);
    list_push(b, rest);
}

/* Allocate size bytes at the end of the heap; NULL with errno = ENOMEM. */
static struct block *heap_take(size_t size)
{
    struct block *b = heap_grow(size);

    if (!b)
        return NULL;
    top = block_next(b, size);
    block_set(b, size, ALLOCATED);
    return b;
}

/* Cut gap bytes off the used block b, whose lower neighbour is in use, and
 * free them. Returns the rest. */
static struct block *split_front(struct block *b, size_t gap)
{
    if (gap == 0)
        return b;

    struct block *rest = block_next(b, gap);
    block_set(rest, block_size(b) - gap, ALLOCATED);
    coalesce(b, gap, 0);
    return rest;
}

/*
 * resize - give the used block b size bytes where it is.
 *
 * Takes from, or gives to, the free block or the top above it.
 *
 * Returns false, with nothing changed, if there is too little above it.
 */
static bool resize(struct block *b, size_t size)
{
    size_t word = block_word(b);
    size_t have = word_size(word);
    struct block *next = block_next(b, have);

    if (have < size && next == top) {
        if (!heap_grow(size - have))
            return false;
        top = block_next(b, size);
        have = size;
    } else if (have < size) {
        size_t next_word = block_verify("mm_realloc", next);
        size_t above = word_is_free(next_word) ? word_size(next_word) : 0;
        if (have + above < size)
            return false;
        list_remove(next, above);
        have += above;
        block_clear_prev_free(block_next(b, have));
    }
    if (have - size < MIN_BLOCK)
        size = have;
    block_set(b, size, ALLOCATED | (word & PREV_FREE));
    if (have > size)
        coalesce(block_next(b, size), have - size, 0);
    return true;
}

/* True if a used block of have bytes that needs only size had better move:
 * what it leaves is more than a splinter, and a listed block fits it. */
static bool shrinks_by_moving(size_t have, size_t size)
{
    return size <= have / 4 * 3 && size <= MOVE_MAX && find_fit(size);
}

/* Size of the block that carries a payload of n bytes. */
static size_t size_for(size_t n)
{
    size_t size = (n + WORD + MM_ALIGN - 1) & ~(size_t)(MM_ALIGN - 1);

    return size < MIN_BLOCK ? MIN_BLOCK : size;
}

/* --- Mappings --------------------------------------------------------- */

static struct mapping *mapping_of(struct block *b)
{
    return (struct mapping *)((char *)b - offsetof(struct mapping, block));
}

/* Bytes of a mapping that carries a payload of n bytes. */
static size_t mapping_size_for(size_t n)
{
    return (n + MAP_COST + mem_pagesize() - 1) & ~(mem_pagesize() - 1);
}

/* Put the mapping m of size bytes to use. Returns its block. */
static struct block *mapping_set(struct mapping *m, size_t size)
{
    ring_push(&mappings, &m->link);
    block_set(&m->block, size, ALLOCATED | MAPPED);
    return &m->block;
}

/* A mapped block for n bytes of payload, or NULL with errno = ENOMEM. */
static struct block *mapping_new(size_t n)
{
    size_t size = mapping_size_for(n);
    struct mapping *m = mem_map(size, 0);

    return m ? mapping_set(m, size) : NULL;
}

static void mapping_free(struct block *b)
{
    struct mapping *m = mapping_of(b);
    size_t size = block_size(b);
    int error = errno;

    ring_remove(&m->link);
    if (mem_unmap(m, size) != 0)
        mapping_set(m, size);
    errno = error;
}

/* A block for n bytes of payload that no listed one can hold: mapped or from
 * the top. NULL with errno = ENOMEM. */
static struct block *block_new(size_t n)
{
    size_t size = size_for(n);
    struct block *b = NULL;

    if (size >= MAP_MIN && size > block_distance(top, top_end))
        b = mapping_new(n);
    return b ? b : heap_take(size);
}

/* Returns the block, maybe moved, or NULL with errno and nothing changed. */
static struct block *mapping_resize(struct block *b, size_t n)
{
    struct mapping *m = mapping_of(b);
    size_t have = block_size(b);
    size_t size = mapping_size_for(n);

    if (size == have)
        return b;
    ring_remove(&m->link);
    struct mapping *moved = mem_remap(m, have, size, 0);
    if (!moved)
        mapping_set(m, have);
    return moved ? mapping_set(moved, size) : NULL;
}

/* --- The interface, see mm.h ------------------------------------------ */

int mm_init(void)
{
    if (getentropy(&secret, sizeof secret) != 0 ||
        mem_sbrk(MM_ALIGN - WORD) == (void *)-1)
        return -1;
    secret |= 1;
    inverse = secret; /* right in the low 3 bits; each step doubles them */
    for (int bits = 3; bits < 64; bits *= 2)
        inverse *= 2 - secret * inverse;

    heap_first = top = top_end = block_next(mem_heap_lo(), MM_ALIGN - WORD);
    for (size_t c = 0; c < CLASSES; c++)
        rings[c].next = rings[c].prev = &rings[c];
    mappings.next = mappings.prev = &mappings;
    memset(class_map, 0, sizeof class_map);
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

    size_t need = size_for(size);
    struct block *b = find_fit(need);
    if (!b)
        b = block_new(size);
    else
        place(b, need);
    return b ? block_payload(b) : NULL;
}

void mm_free(void *ptr)
{
    if (!ptr)
        return;

    struct block *b = block_of(ptr);
    size_t word = block_verify_used("mm_free", b);
    if (word & MAPPED)
        mapping_free(b);
    else
        coalesce(b, word_size(word), word & PREV_FREE);
}

/* Move a block to a new one of size bytes; NULL with errno = ENOMEM. */
static void *move(void *ptr, size_t size)
{
    size_t kept = mm_usable_size(ptr);
    void *moved = mm_malloc(size);

    if (!moved)
        return NULL;
    memcpy(moved, ptr, kept < size ? kept : size);
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
    if (size > MAX_REQUEST) {
        errno = ENOMEM;
        return NULL;
    }

    struct block *b = block_of(ptr);
    size_t word = block_verify_used("mm_realloc", b);
    if ((word & MAPPED) && size >= MAP_MIN) {
        b = mapping_resize(b, size);
        return b ? block_payload(b) : NULL;
    }

    size_t need = size_for(size);
    if (!(word & MAPPED) && !shrinks_by_moving(word_size(word), need) &&
        resize(b, need))
        return ptr;
    return move(ptr, size);
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

    size_t need = size_for(size);
    struct block *b = find_fit(need + align + MIN_BLOCK - MM_ALIGN);
    size_t gap = block_gap(b ? b : top, align);
    if (b)
        place(b, gap + need);
    else
        b = heap_take(gap + need);
    if (!b)
        return NULL;
    return block_payload(split_front(b, gap));
}

size_t mm_usable_size(const void *ptr)
{
    if (!ptr)
        return 0;

    size_t word = block_word(block_of(ptr));
    return word_size(word) - (word & MAPPED ? (size_t)MAP_COST : WORD);
}

/* --- The checker and the walker --------------------------------------- */

static bool broken(int line, const char *invariant, const struct block *b)
{
    fprintf(stderr, "mm_checkheap(%d): %s broken at heap+0x%zx, header 0x%zx\n",
            line, invariant, block_offset(b), block_word(b));
    return false;
}

/* True when b lies where a listed block can, so that it may be read. */
static bool block_is_inside(const struct block *b)
{
    size_t offset = block_offset(b);

    return offset % MM_ALIGN == WORD && offset < block_offset(top);
}

/* The first invariant that block b breaks, given if the one below is free,
 * or NULL. */
static const char *block_fault(struct block *b, bool prev_free)
{
    size_t word = block_word(b);
    size_t size = word_size(word);

    if (word - size > (ALLOCATED | PREV_FREE) || size < MIN_BLOCK ||
        size > block_distance(b, top))
        return "I1";
    if (word_is_free(word) && (prev_free || block_next(b, size) == top))
        return "I3";
    if (word_is_free(word) && *block_footer(b, size) != size)
        return "I2";
    if (prev_free != ((word & PREV_FREE) != 0))
        return "I2";
    return NULL;
}

/* I4 and I5, given the bytes of all free blocks. */
static bool lists_are_sound(int line, size_t free_bytes)
{
    for (size_t c = 0; c < CLASSES; c++) {
        struct block *ring = &rings[c];
        const struct block *prev = ring;
        for (struct block *b = ring->next; b != ring; prev = b, b = b->next) {
            if (!block_is_inside(b))
                return broken(line, "I4", heap_first);
            if (!word_is_free(block_word(b)) || b->prev != prev ||
                class_of(block_size(b)) != c)
                return broken(line, "I4", b);
            free_bytes -= block_size(b);
        }
        bool bit = class_map[c / MAP_BITS] >> c % MAP_BITS & 1;
        if (bit != (ring->next != ring))
            return broken(line, "I5", heap_first);
    }
    return free_bytes == 0 || broken(line, "I4", heap_first);
}

static bool mappings_are_sound(int line)
{
    const struct block *prev = &mappings;

    for (struct block *b = prev->next; b != &mappings; prev = b, b = b->next) {
        struct mapping *m = (struct mapping *)b;
        size_t word = block_word(&m->block);
        if ((uintptr_t)m % mem_pagesize() != 0 || b->prev != prev ||
            word != (word_size(word) | ALLOCATED | MAPPED) ||
            word_size(word) % mem_pagesize() != 0)
            return broken(line, "I6", &m->block);
    }
    return true;
}

bool mm_checkheap(int line)
{
    struct block *b = heap_first;
    size_t free_bytes = 0;
    bool prev_free = false;

    while (b != top) {
        const char *invariant = block_fault(b, prev_free);
        if (invariant)
            return broken(line, invariant, b);
        prev_free = word_is_free(block_word(b));
        free_bytes += prev_free ? block_size(b) : 0;
        b = block_next(b, block_size(b));
    }
    if (block_offset(top_end) != mem_heapsize())
        return broken(line, "I1", heap_first);
    return lists_are_sound(line, free_bytes) && mappings_are_sound(line);
}

static void walk_piece(mm_visit *visit, void *arg, const void *address,
                       size_t bytes, enum mm_use use)
{
    struct mm_extent extent = {address, bytes, use};

    if (bytes > 0)
        visit(&extent, arg);
}

static void walk_heap(mm_visit *visit, void *arg)
{
    walk_piece(visit, arg, mem_heap_lo(), block_offset(heap_first),
               MM_OVERHEAD);
    for (struct block *b = heap_first; b != top;) {
        size_t word = block_word(b);
        walk_piece(visit, arg, b, word_size(word),
                   word_is_free(word) ? MM_FREE : MM_USED);
        b = block_next(b, word_size(word));
    }
    walk_piece(visit, arg, top, block_distance(top, top_end), MM_FREE);
}

/* The lowest mapping above address, or NULL. */
static struct mapping *mapping_above(uintptr_t address)
{
    struct block *lowest = NULL;

    for (struct block *b = mappings.next; b != &mappings; b = b->next) {
        if ((uintptr_t)b > address && (!lowest || b < lowest))
            lowest = b;
    }
    return (struct mapping *)lowest;
}

void mm_walk(mm_visit *visit, void *arg)
{
    uintptr_t heap = (uintptr_t)mem_heap_lo();
    uintptr_t done = 0;
    struct mapping *m = mapping_above(done);

    for (; m && (uintptr_t)m < heap; m = mapping_above(done)) {
        walk_piece(visit, arg, m, block_size(&m->block), MM_USED);
        done = (uintptr_t)m;
    }
    walk_heap(visit, arg);
    for (; m; m = mapping_above((uintptr_t)m))
        walk_piece(visit, arg, m, block_size(&m->block), MM_USED);
}
