/*
 * memlib_sim.c - the simulated operating system: every byte counted.
 *
 * Two regions of address space are reserved once. The heap is the part of the
 * first below the break. The second is cut by the mappings:
 *
 *      hole       mapping     hole     mapping      hole
 *    +---------+------------+------+-------------+----------- - -
 *    |         |  in use    |      |  in use     |
 *    +---------+------------+------+-------------+----------- - -
 *
 * Two mappings never touch and none touches the region's ends, so there is a
 * hole of at least one page on both sides of each: its guard pages. A mapping
 * is put into the lowest hole that has room, which makes its place depend on
 * nothing but the calls that came before.
 *
 * In MEM_CHECKED the pages beyond the break and those of the holes cannot be
 * touched, and the bytes between the break and the end of its page hold a
 * pattern that tells who wrote there. In MEM_WARM both regions are accessible
 * as far up as they ever were, so a replay of the same calls causes neither
 * page faults nor system calls. What is counted is the same in both.
 *
 * Where two processes share the memory (struct mem_share), its pages are those
 * of two files. Pages then cannot be moved from one place to another, and
 * "zero again" has another name, but nothing else changes for who uses it.
 *
 * All state lies in static variables and mmap'ed memory: libc's malloc is
 * measured in the same process and must see no other calls than the trace's.
 *
 * Source: mmap(2), mprotect(2), mremap(2); Knuth, TAOCP vol. 1 (3rd ed.),
 *         2.5, for first fit with merging.
 */
#define _GNU_SOURCE
#include "memlib_sim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "memlib.h"
#include "shadow.h"

#ifndef MREMAP_DONTUNMAP /* Linux 5.7; glibc 2.32 */
#define MREMAP_DONTUNMAP 4
#endif

#define GIB ((size_t)1 << 30)

static const size_t REGION_MOST = 64 * GIB;          /* reserved if possible */
static const size_t REGION_LEAST = (size_t)16 << 20; /* or mem_open fails */
static const size_t WARM_STEP = (size_t)64 << 20;    /* opened at once */
static const size_t ZERO_BIG = (size_t)16 << 20;     /* not by memset from on */
static const size_t COPY_MOST = (size_t)1 << 20;     /* moved by memcpy */

enum {
    MAPPINGS_MOST = 1 << 20, /* at a time; Linux's own limit is 65,530 */

    /* Each closed hole splits an area of the kernel's in two, and Linux grants
       a process 65,530 areas. Further guard pages are left open. */
    CLOSED_MOST = 16384,

    FIT_TRIES = 64, /* holes looked at where an alignment may not fit */

    DISCARDED = 0xdb, /* what is read from a discarded page when checked */

    LOCK_TRIES = 100, /* before a handler takes the lock's holder for stopped */

    PATTERN_PERIOD = 128, /* bytes; see pattern */

    NULL_REACH = 1 << 16, /* addresses said as "NULL + n" */
};

/* Address space reserved: [first, end) and an inaccessible page on each side.
   A first of NULL means that there is none. */
struct region {
    char *first;
    char *end;
    void *base;        /* what munmap wants */
    size_t base_bytes; /* likewise */
};

static struct heap {
    struct region region;
    _Atomic(char *) brk; /* end of the heap */
    char *open;          /* end of the pages that can be touched */
    char *top;           /* the highest open ever */
    const char *spill;   /* first byte found written beyond the break */
} heap;

static struct maps {
    struct region region;
    struct shadow *mappings;
    struct shadow *holes; /* a block's id is an enum hole */
    size_t closed;        /* holes that are HOLE_CLOSED */
    char *open;           /* MEM_WARM: end of the pages that can be touched */
    char *top;            /* end of the highest mapping ever */
    char *reach;          /* likewise, since mem_reset */
    char *used;           /* pages from here on are zero, never used */
} maps;

enum hole {
    HOLE_OPEN,   /* some of it may be touched */
    HOLE_CLOSED, /* none of it may be touched */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static enum mem_mode mode;
static size_t limit; /* bytes of footprint; SIZE_MAX: none */
static struct mem_counts counts;
static struct mem_share share; /* bytes of 0: none */
static mem_listener *listener;

enum {
    JUNK = 0xa5, /* what the keeper has in pages used before */
};

/* --- Pages ------------------------------------------------------------ */

size_t mem_pagesize(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Round n up to a multiple of align, a power of two; no overflow. */
static uintptr_t round_up(uintptr_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

static char *page_up(const char *p)
{
    return (char *)round_up((uintptr_t)p, mem_pagesize());
}

static size_t bytes_between(const void *first, const void *end)
{
    return (size_t)((const char *)end - (const char *)first);
}

static char *lower(char *a, char *b)
{
    return a < b ? a : b;
}

static char *higher(char *a, char *b)
{
    return a > b ? a : b;
}

/* True where another process has an eye on what this one does. */
static bool is_user(void)
{
    return share.bytes > 0 && !share.is_keeper;
}

/* Let the pages in [first, end) be touched; false when the kernel refuses. */
static bool pages_open(char *first, char *end)
{
    return share.is_keeper || mprotect(first, bytes_between(first, end),
                                       PROT_READ | PROT_WRITE) == 0;
}

/* Let touching the pages in [first, end) be a fault; they keep their bytes. */
static bool pages_close(char *first, char *end)
{
    return share.is_keeper ||
           mprotect(first, bytes_between(first, end), PROT_NONE) == 0;
}

/* How far to open a region in MEM_WARM, so that end need not be asked again. */
static char *warm_goal(const struct region *region, char *end)
{
    size_t bytes = round_up(bytes_between(region->first, end), WARM_STEP);

    return bytes < bytes_between(region->first, region->end)
               ? region->first + bytes
               : region->end;
}

/*
 * pages_move_at_once - move the contents of pages without copying them.
 *
 * mremap(2) moves only inside one area of the kernel's, and where it then
 * fails, it has already unmapped the goal. So ask first: to grow in place, a
 * thing without room here, fails with EFAULT in that case, ENOMEM otherwise.
 *
 * Returns false when it cannot be done, nothing being changed.
 */
static bool pages_move_at_once(char *to, char *from, size_t bytes)
{
    if (mremap(from, bytes, bytes + mem_pagesize(), 0) != MAP_FAILED ||
        errno != ENOMEM)
        return false;
    return mremap(from, bytes, bytes,
                  MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
                  to) != MAP_FAILED;
}

/* Move the contents of whole pages; those at from are undefined then. */
static void pages_move(char *to, char *from, size_t bytes)
{
    if (share.bytes > 0 && share.is_keeper != (mode == MEM_CHECKED))
        return; /* the other one does it */
    if (bytes <= COPY_MOST || share.bytes > 0) {
        memcpy(to, from, bytes);
    } else if (!pages_move_at_once(to, from, bytes)) {
        size_t half = round_up(bytes / 2, mem_pagesize());

        pages_move(to, from, half);
        pages_move(to + half, from + half, bytes - half);
    }
}

/* --- Regions ---------------------------------------------------------- */

static void region_release(struct region *region)
{
    if (region->first)
        munmap(region->base, region->base_bytes);
    *region = (struct region){0};
}

/*
 * region_reserve - reserve bytes of address space, at the address at unless
 * that is NULL.
 *
 * Elsewhere the region starts at a multiple of up to 1 GiB: a stage that
 * aligns its heap to some power of two then wastes the same in every run.
 */
static bool region_reserve(struct region *region, char *at, size_t bytes)
{
    size_t page = mem_pagesize();
    size_t align = at ? page : bytes / 4 < GIB ? bytes / 4 : GIB;
    int fixed = at ? MAP_FIXED_NOREPLACE : 0;

    region->base_bytes = align + bytes + page;
    region->base =
        mmap(at ? at - page : NULL, region->base_bytes, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
    if (region->base == MAP_FAILED)
        return false;
    region->first = (char *)round_up((uintptr_t)region->base + page, align);
    region->end = region->first + bytes;
    if (!at || region->first == at)
        return true;
    region_release(region); /* a kernel that takes the address as a hint */
    errno = EEXIST;
    return false;
}

/* Have the pages of a file in the region. */
static bool region_share(const struct region *region, int file)
{
    int access = share.is_keeper ? PROT_READ | PROT_WRITE : PROT_NONE;

    return share.bytes == 0 ||
           mmap(region->first, bytes_between(region->first, region->end),
                access, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, file,
                0) != MAP_FAILED;
}

/* Reserve both regions, and see that as much again is left for others. */
static bool regions_reserve(void *heap_at, size_t bytes)
{
    struct region spare = {0};

    if (share.bytes > 0)
        share.bytes = bytes;
    bool done = region_reserve(&heap.region, heap_at, bytes) &&
                region_reserve(&maps.region, share.maps_at, bytes) &&
                region_reserve(&spare, NULL, bytes) &&
                region_share(&heap.region, share.heap_file) &&
                region_share(&maps.region, share.maps_file);
    int error = errno;

    region_release(&spare);
    if (!done) {
        region_release(&heap.region);
        region_release(&maps.region);
    }
    errno = error;
    return done;
}

/* --- Counting --------------------------------------------------------- */

/* True when the limit lets the footprint grow by bytes. */
static bool limit_allows(size_t bytes)
{
    size_t held = counts.heap + counts.mapped;

    return held <= limit && bytes <= limit - held;
}

/* Count a call that gets no memory. */
static void refuse(void)
{
    counts.refusals++;
    errno = ENOMEM;
}

/* Set the bytes held, and raise the peaks to them. */
static void count(size_t heap_bytes, size_t mapped_bytes)
{
    counts.heap = heap_bytes;
    counts.mapped = mapped_bytes;
    if (heap_bytes + mapped_bytes > counts.peak)
        counts.peak = heap_bytes + mapped_bytes;
    if (heap_bytes > counts.peak_heap)
        counts.peak_heap = heap_bytes;
}

/* Tell who listens of a call about to be carried out. */
static inline void tell(enum mem_kind kind, size_t a, size_t b, size_t c,
                        size_t d)
{
    if (listener)
        listener(kind, a, b, c, d);
}

/* --- The heap --------------------------------------------------------- */

/* What the byte at p holds beyond the break: never 0, unlike its neighbours,
   the same as PATTERN_PERIOD bytes before. */
static char pattern(const char *p)
{
    return (char)(0x80 | ((uintptr_t)p * 37 % PATTERN_PERIOD));
}

static void pattern_write(char *first, const char *end)
{
    for (char *p = first; p < end; p++)
        *p = pattern(p);
}

/* The first byte in [first, end) without the pattern, or NULL. When all but
   the first period repeat what is before them, that period tells of them, too:
   this is asked after every operation, and memcmp is fast. */
static const char *pattern_broken(const char *first, const char *end)
{
    size_t bytes = bytes_between(first, end);

    if (bytes > PATTERN_PERIOD &&
        memcmp(first, first + PATTERN_PERIOD, bytes - PATTERN_PERIOD) == 0)
        end = first + PATTERN_PERIOD;
    for (const char *p = first; p < end; p++) {
        if (*p != pattern(p))
            return p;
    }
    return NULL;
}

/* As the keeper: have the heap's file end there. Pages that have been used
   before do not come back as zeros, as they would not elsewhere. */
static bool heap_file_to(char *goal)
{
    char *dirty = lower(goal, heap.top);

    if (ftruncate(share.heap_file,
                  (off_t)bytes_between(heap.region.first, goal)) != 0)
        return false;
    if (dirty > heap.open)
        memset(heap.open, JUNK, bytes_between(heap.open, dirty));
    return true;
}

/* Make the pages below the address accessible, and in MEM_CHECKED no others. */
static bool heap_open_to(char *end)
{
    char *goal = page_up(end);

    if (mode == MEM_WARM && goal <= heap.open)
        return true;
    if (mode == MEM_WARM && !share.is_keeper)
        goal = warm_goal(&heap.region, goal);
    if (goal > heap.open && !pages_open(heap.open, goal))
        return false;
    if (share.is_keeper && !heap_file_to(goal))
        return false;
    if (goal < heap.open)
        pages_close(goal, heap.open);
    heap.open = goal;
    heap.top = higher(heap.top, goal);
    return true;
}

/* Move the break in MEM_CHECKED; what it passes or leaves is looked at first,
   as a byte written there too early cannot be told later. */
static bool brk_move_checked(char *from, char *to)
{
    char *open = heap.open;

    if (is_user()) /* the keeper has looked */
        return heap_open_to(to);
    if (!heap.spill)
        heap.spill = pattern_broken(from, to > from ? lower(to, open) : open);
    if (!heap_open_to(to))
        return false;
    pattern_write(to > from ? higher(to, open) : to, heap.open);
    return true;
}

/* Move the break to an address of the region; false if it cannot be. */
static bool brk_move(char *to)
{
    char *from = heap.brk;

    if (mode == MEM_CHECKED ? !brk_move_checked(from, to) : !heap_open_to(to))
        return false;
    heap.brk = to;
    count(bytes_between(heap.region.first, to), counts.mapped);
    return true;
}

static bool heap_grow(size_t bytes)
{
    char *brk = heap.brk;

    if (limit_allows(bytes) && bytes <= bytes_between(brk, heap.region.end) &&
        brk_move(brk + bytes))
        return true;
    refuse();
    return false;
}

static bool heap_shrink(size_t bytes)
{
    if (bytes <= counts.heap)
        return brk_move(heap.brk - bytes);
    errno = EINVAL;
    return false;
}

void *mem_sbrk(intptr_t increment)
{
    pthread_mutex_lock(&mutex);
    tell(MEM_SBRK, (size_t)increment, 0, 0, 0);
    void *old = heap.brk;
    bool done = increment < 0 ? heap_shrink(-(size_t)increment)
                              : heap_grow((size_t)increment);
    pthread_mutex_unlock(&mutex);
    return done ? old : (void *)-1;
}

void *mem_heap_lo(void)
{
    return heap.region.first;
}

void *mem_heap_hi(void)
{
    return heap.brk - 1;
}

size_t mem_heapsize(void)
{
    return bytes_between(heap.region.first, heap.brk);
}

/* As the keeper: in MEM_WARM the file stays as long as it ever was. */
static void heap_reset_file(void)
{
    char *end = mode == MEM_WARM ? heap.top : heap.region.first;

    if (ftruncate(share.heap_file,
                  (off_t)bytes_between(heap.region.first, end)) == 0)
        heap.open = end;
}

static void heap_reset(void)
{
    heap.brk = heap.region.first;
    heap.spill = NULL;
    if (share.is_keeper)
        heap_reset_file();
    else if (mode == MEM_WARM) {
        pages_open(heap.region.first, heap.top);
        heap.open = heap.top;
    } else {
        pages_close(heap.region.first, heap.top);
        heap.open = heap.region.first;
    }
}

/* --- Holes and mappings ----------------------------------------------- */

static char *block_end(const struct shadow_block *block)
{
    return (char *)block->payload + block->size;
}

/* Note [first, end) as a hole, if it is not empty. */
static void hole_add(char *first, char *end, enum hole state)
{
    if (first == end)
        return;
    shadow_insert(maps.holes,
                  &(struct shadow_block){.payload = first,
                                         .size = bytes_between(first, end),
                                         .id = (int32_t)state});
    maps.closed += state == HOLE_CLOSED;
}

/* Forget the hole that starts at first; returns what it was. */
static struct shadow_block hole_remove(const void *first)
{
    struct shadow_block hole;

    shadow_remove(maps.holes, first, &hole);
    maps.closed -= hole.id == HOLE_CLOSED;
    return hole;
}

/*
 * hole_find - the lowest hole with room for a mapping and its guard pages.
 *
 * bytes, align: of the mapping; at most the region's, a power of two or 0.
 * first: gets the mapping's address.
 *
 * After FIT_TRIES holes that only the alignment made useless, looks for one
 * so large that any alignment fits: the bound on the time.
 */
static const struct shadow_block *hole_find(size_t bytes, size_t align,
                                            char **first)
{
    size_t page = mem_pagesize();
    size_t step = align > page ? align : page;
    size_t need = page + bytes + page;
    const struct shadow_block *hole = shadow_fit(maps.holes, need, NULL);

    for (int tries = 1; hole; tries++) {
        uintptr_t at = round_up((uintptr_t)hole->payload + page, step);

        *first = (char *)at;
        if (at + bytes + page <= (uintptr_t)block_end(hole))
            return hole;
        if (tries == FIT_TRIES)
            need += step;
        hole = shadow_fit(maps.holes, need, (char *)hole->payload + 1);
    }
    return NULL;
}

/*
 * hole_open - make [first, end) inside the hole accessible.
 *
 * Where there are too many closed holes already, the guard page below is
 * opened, too: the kernel then sees the mapping and the one below as one.
 *
 * Returns false when the kernel refuses; else *below is the state of what is
 * left of the hole below first.
 */
static bool hole_open(const struct shadow_block *hole, char *first, char *end,
                      enum hole *below)
{
    bool guarded = hole->id == HOLE_OPEN || maps.closed < CLOSED_MOST;

    if (mode == MEM_CHECKED) {
        *below = guarded ? (enum hole)hole->id : HOLE_OPEN;
        return pages_open(guarded ? first : (char *)hole->payload, end);
    }
    *below = HOLE_OPEN;
    if (end <= maps.open)
        return true;

    char *goal = warm_goal(&maps.region, end);
    if (!pages_open(maps.open, goal))
        return false;
    maps.open = goal;
    return true;
}

/* Take [first, end) out of the hole; false when the kernel refuses. */
static bool hole_take(const struct shadow_block *hole, char *first, char *end)
{
    enum hole below;

    if (!hole_open(hole, first, end, &below))
        return false;

    struct shadow_block old = hole_remove(hole->payload);
    hole_add((char *)old.payload, first, below);
    hole_add(end, block_end(&old), (enum hole)old.id);
    maps.top = higher(maps.top, end);
    maps.reach = higher(maps.reach, end);
    return true;
}

/* As the keeper: take the pages in [first, end) out of the file, so that
   nothing can be kept there, and they come back as zeros. */
static void maps_drop(const char *first, const char *end)
{
    if (share.is_keeper && mode == MEM_CHECKED && first < end)
        fallocate(share.maps_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  (off_t)bytes_between(maps.region.first, first),
                  (off_t)bytes_between(first, end));
}

/* Make [first, end), which no mapping covers any longer, part of a hole. */
static void hole_give(char *first, char *end)
{
    const struct shadow_block *low = shadow_below(maps.holes, first);
    const struct shadow_block *high = shadow_at(maps.holes, end);
    char *from = first;
    char *to = end;

    if (low && block_end(low) == first)
        from = (char *)hole_remove(low->payload).payload;
    if (high) {
        struct shadow_block above = hole_remove(end);

        to = block_end(&above);
    }
    maps_drop(first, end);
    bool closed = mode == MEM_CHECKED && maps.closed < CLOSED_MOST &&
                  pages_close(from, to);
    hole_add(from, to, closed ? HOLE_CLOSED : HOLE_OPEN);
}

/* True when the pages that a mapping takes are zero, whoever had them. */
static bool maps_are_zero(void)
{
    return share.is_keeper || (is_user() && mode == MEM_CHECKED);
}

/* Zero [first, end), whose pages a mapping has just taken from a hole. */
static void mapping_zero(char *first, char *end)
{
    char *dirty = lower(end, maps.used);
    int advice = share.bytes > 0 ? MADV_REMOVE : MADV_DONTNEED;

    if (first < dirty && !maps_are_zero()) {
        size_t bytes = bytes_between(first, dirty);

        if (bytes < ZERO_BIG || madvise(first, bytes, advice) != 0)
            memset(first, 0, bytes);
    }
    maps.used = higher(maps.used, end);
}

/* Note a mapping, which is as yet in no set. */
static void mapping_add(char *first, char *end)
{
    shadow_insert(maps.mappings,
                  &(struct shadow_block){.payload = first,
                                         .size = bytes_between(first, end)});
}

/*
 * mapping_take - find room for a mapping and make it accessible.
 *
 * bytes: rounded up to pages already; 0 when that overflowed.
 * more: bytes by which the footprint would grow.
 *
 * Returns the first byte; NULL after counting the refusal.
 */
static char *mapping_take(size_t bytes, size_t align, size_t more)
{
    char *first;
    const struct shadow_block *hole = NULL;

    if (bytes > 0 && limit_allows(more) && maps.region.first &&
        bytes <= bytes_between(maps.region.first, maps.region.end) &&
        !shadow_is_full(maps.mappings))
        hole = hole_find(bytes, align, &first);
    if (hole && hole_take(hole, first, first + bytes))
        return first;
    refuse();
    return NULL;
}

/* True for 0, "no more than a page", and for the powers of two. */
static bool is_align(size_t align)
{
    return (align & (align - 1)) == 0;
}

void *mem_map(size_t bytes, size_t align)
{
    size_t pages = round_up(bytes, mem_pagesize());

    if (bytes == 0 || !is_align(align)) {
        errno = EINVAL;
        return NULL;
    }

    pthread_mutex_lock(&mutex);
    tell(MEM_MAP, bytes, align, 0, 0);
    char *first = mapping_take(pages, align, pages);
    if (first) {
        mapping_zero(first, first + pages);
        mapping_add(first, first + pages);
        count(counts.heap, counts.mapped + pages);
    }
    pthread_mutex_unlock(&mutex);
    return first;
}

/* The mapping that all of the bytes (0: none) from p on lie in, or NULL. */
static const struct shadow_block *mapping_of(const void *p, size_t bytes)
{
    if (!maps.region.first)
        return NULL;

    const struct shadow_block *mapping = shadow_below(maps.mappings, p);
    return mapping && shadow_covers(mapping, p, bytes) ? mapping : NULL;
}

/* Give back [first, end), which lies inside the mapping, perhaps all of it. */
static void mapping_cut(const struct shadow_block *mapping, char *first,
                        char *end)
{
    struct shadow_block old;

    shadow_remove(maps.mappings, mapping->payload, &old);
    if (first > (char *)old.payload)
        mapping_add((char *)old.payload, first);
    if (end < block_end(&old))
        mapping_add(end, block_end(&old));
    hole_give(first, end);
    count(counts.heap, counts.mapped - bytes_between(first, end));
}

/* True when [first, end) has pages of the mapping on both sides, and there
   are too many mappings for one more. */
static bool mapping_is_uncut(const struct shadow_block *mapping,
                             const char *first, const char *end)
{
    return first > (const char *)mapping->payload && end < block_end(mapping) &&
           shadow_is_full(maps.mappings);
}

int mem_unmap(void *address, size_t bytes)
{
    size_t pages = round_up(bytes, mem_pagesize());
    char *first = address;
    bool done = false;

    pthread_mutex_lock(&mutex);
    tell(MEM_UNMAP, (size_t)address, bytes, 0, 0);
    const struct shadow_block *mapping = mapping_of(first, pages);
    if (!mapping || pages == 0 || page_up(first) != first) {
        errno = EINVAL;
    } else if (mapping_is_uncut(mapping, first, first + pages)) {
        refuse();
    } else {
        mapping_cut(mapping, first, first + pages);
        done = true;
    }
    pthread_mutex_unlock(&mutex);
    return done ? 0 : -1;
}

/* Grow the mapping where it is; false when the hole behind has no room. */
static bool mapping_extend(const struct shadow_block *mapping, size_t pages)
{
    char *first = (char *)mapping->payload;
    char *end = block_end(mapping);
    const struct shadow_block *hole = shadow_at(maps.holes, end);
    size_t more = pages - mapping->size;

    if (!limit_allows(more) || hole->size < more + mem_pagesize() ||
        !hole_take(hole, end, end + more))
        return false;
    mapping_zero(end, end + more);
    shadow_remove(maps.mappings, first, NULL);
    mapping_add(first, first + pages);
    count(counts.heap, counts.mapped + more);
    return true;
}

/* Grow the mapping somewhere else. Returns its new first byte, or NULL. */
static char *mapping_move(const struct shadow_block *mapping, size_t pages,
                          size_t align)
{
    char *old = (char *)mapping->payload;
    size_t kept = mapping->size;
    char *first = mapping_take(pages, align, pages - kept);

    if (!first)
        return NULL;
    mapping_zero(first + kept, first + pages);
    pages_move(first, old, kept);
    shadow_remove(maps.mappings, old, NULL);
    mapping_add(first, first + pages);
    hole_give(old, old + kept);
    count(counts.heap, counts.mapped + pages - kept);
    return first;
}

/* Make the mapping pages bytes long. Returns its first byte, or NULL. */
static char *mapping_resize(const struct shadow_block *mapping, size_t pages,
                            size_t align)
{
    char *first = (char *)mapping->payload;

    if (pages == mapping->size)
        return first;
    if (pages > 0 && pages < mapping->size) {
        mapping_cut(mapping, first + pages, block_end(mapping));
        return first;
    }
    if (pages > 0 && mapping_extend(mapping, pages))
        return first;
    return mapping_move(mapping, pages, align);
}

void *mem_remap(void *address, size_t old_bytes, size_t new_bytes, size_t align)
{
    size_t old_pages = round_up(old_bytes, mem_pagesize());
    size_t pages = round_up(new_bytes, mem_pagesize());
    char *first = NULL;

    pthread_mutex_lock(&mutex);
    tell(MEM_REMAP, (size_t)address, old_bytes, new_bytes, align);
    const struct shadow_block *mapping = mapping_of(address, 1);
    if (new_bytes == 0 || !is_align(align) || !mapping ||
        mapping->payload != address || mapping->size != old_pages)
        errno = EINVAL;
    else
        first = mapping_resize(mapping, pages, align);
    pthread_mutex_unlock(&mutex);
    return first;
}

void mem_discard(void *address, size_t bytes)
{
    if (mode == MEM_CHECKED)
        memset(address, DISCARDED, bytes);
}

static void maps_reset_open(void)
{
    if (maps.top > maps.open && pages_open(maps.region.first, maps.top))
        maps.open = maps.top;
}

/* Close all, and take fresh pages: the moved ones have scattered the kernel's
   areas. */
static void maps_reset_closed(void)
{
    char *first = maps.region.first;
    char *end = higher(maps.top, maps.open);
    size_t bytes = bytes_between(first, end);

    maps_drop(first, end);
    if (share.bytes > 0 && pages_close(first, end))
        maps.used = first;
    else if (bytes > 0 &&
             mmap(first, bytes, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                  0) != MAP_FAILED)
        maps.used = first;
    maps.open = first;
}

static void maps_reset(void)
{
    size_t page = mem_pagesize();

    if (mode == MEM_WARM)
        maps_reset_open();
    else
        maps_reset_closed();
    shadow_clear(maps.mappings);
    shadow_clear(maps.holes);
    maps.closed = 0;
    maps.reach = maps.region.first;
    hole_add(maps.region.first - page, maps.region.end + page,
             mode == MEM_WARM ? HOLE_OPEN : HOLE_CLOSED);
}

/* --- The driver's side, see memlib_sim.h ------------------------------ */

/* Why reserving failed, by errno. */
static const char *open_failure(void)
{
    switch (errno) {
    case EEXIST:
        return "something else lies where the heap was to start: choose "
               "another address with --heap-at";
    case EPERM:
        return "the kernel allows no memory at so low an address "
               "(vm.mmap_min_addr): choose a higher one with --heap-at";
    default:
        return "not even 16 MiB of address space can be reserved, for the "
               "heap and for mappings each: raise its limit (ulimit -v "
               "unlimited), and choose an address that exists if --heap-at "
               "is used";
    }
}

/* Make the sets of mappings and holes for a region of so many bytes. */
static bool maps_make_sets(size_t bytes)
{
    size_t most = bytes / mem_pagesize();

    if (most > MAPPINGS_MOST)
        most = MAPPINGS_MOST;
    maps.mappings = shadow_new(most);
    /* One hole more than mappings, and two while a mapping is moved. */
    maps.holes = shadow_new(most + 2);
    return maps.mappings && maps.holes;
}

/* Take over what another process shares. Returns the bytes of a region. */
static size_t share_open(const struct mem_share *with)
{
    share = *with;
    if (share.bytes == 0)
        share.bytes = REGION_MOST;
    return share.bytes;
}

/* As the keeper: give both files their length. */
static bool share_size(void)
{
    return !share.is_keeper ||
           (ftruncate(share.heap_file, 0) == 0 &&
            ftruncate(share.maps_file, (off_t)share.bytes) == 0);
}

bool mem_open(const struct mem_options *options, const char **why)
{
    size_t bytes = REGION_MOST;

    if ((uintptr_t)options->heap_at % mem_pagesize() != 0) {
        *why = "the heap can only start at a multiple of the page size "
               "(4096 bytes): choose another address with --heap-at";
        errno = EINVAL;
        return false;
    }
    share = (struct mem_share){0};
    if (options->share)
        bytes = share_open(options->share);
    while (!regions_reserve(share.bytes ? share.heap_at : options->heap_at,
                            bytes)) {
        bytes /= 2;
        if (bytes < REGION_LEAST || is_user()) {
            *why = open_failure();
            return false;
        }
    }
    if (!share_size() || !maps_make_sets(bytes)) {
        *why = open_failure();
        mem_close();
        errno = ENOMEM;
        return false;
    }
    heap.top = heap.region.first;
    maps.top = maps.used = maps.open = maps.region.first;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* see memlib_sim.h */
    mem_set_limit(options->limit);
    mem_reset(MEM_CHECKED);
    return true;
}

void mem_close(void)
{
    shadow_free(maps.mappings);
    shadow_free(maps.holes);
    region_release(&maps.region);
    region_release(&heap.region);
    maps.mappings = NULL;
    maps.holes = NULL;
    heap.brk = NULL;
    heap.open = NULL;
    counts = (struct mem_counts){0};
}

void mem_reset(enum mem_mode new_mode)
{
    pthread_mutex_lock(&mutex);
    mode = new_mode;
    heap_reset();
    maps_reset();
    counts = (struct mem_counts){0};
    pthread_mutex_unlock(&mutex);
}

enum mem_mode mem_mode(void)
{
    return mode;
}

struct mem_extent mem_extent(void)
{
    return (struct mem_extent){bytes_between(heap.region.first, heap.top),
                               bytes_between(maps.region.first, maps.top)};
}

void mem_set_extent(const struct mem_extent *extent)
{
    heap.top = higher(heap.top, heap.region.first + extent->heap);
    maps.top = higher(maps.top, maps.region.first + extent->maps);
    maps.used = higher(maps.used, maps.top);
}

size_t mem_region_bytes(void)
{
    return bytes_between(heap.region.first, heap.region.end);
}

void mem_listen(mem_listener *new_listener)
{
    listener = new_listener;
}

size_t mem_repeat(const struct mem_call *call)
{
    const size_t *args = call->args;

    switch (call->kind) {
    case MEM_SBRK:
        return (size_t)mem_sbrk((intptr_t)args[0]);
    case MEM_MAP:
        return (size_t)mem_map(args[0], args[1]);
    case MEM_UNMAP:
        return (size_t)mem_unmap((void *)args[0], args[1]);
    case MEM_REMAP:
        return (size_t)mem_remap((void *)args[0], args[1], args[2], args[3]);
    }
    return 0;
}

void mem_set_limit(size_t new_limit)
{
    pthread_mutex_lock(&mutex);
    limit = new_limit ? new_limit : SIZE_MAX;
    pthread_mutex_unlock(&mutex);
}

struct mem_counts mem_counts(void)
{
    pthread_mutex_lock(&mutex);
    struct mem_counts now = counts;
    pthread_mutex_unlock(&mutex);
    return now;
}

/* True when all bytes (perhaps none) from p on lie in [first, end). */
static bool range_contains(const char *first, const char *end, const void *p,
                           size_t bytes)
{
    return (const char *)p >= first && (const char *)p <= end &&
           bytes <= bytes_between(p, end);
}

static bool heap_contains(const void *p, size_t bytes)
{
    return range_contains(heap.region.first, heap.brk, p, bytes);
}

bool mem_reached(const void *p, size_t bytes)
{
    const char *first = heap.region.first;

    pthread_mutex_lock(&mutex);
    bool reached = range_contains(first, first + counts.peak_heap, p, bytes) ||
                   range_contains(maps.region.first, maps.reach, p, bytes);
    pthread_mutex_unlock(&mutex);
    return reached;
}

bool mem_contains(const void *p, size_t bytes)
{
    if (heap_contains(p, bytes))
        return true;
    pthread_mutex_lock(&mutex);
    bool mapped = mapping_of(p, bytes) != NULL;
    pthread_mutex_unlock(&mutex);
    return mapped;
}

const void *mem_spill(void)
{
    pthread_mutex_lock(&mutex);
    if (mode == MEM_CHECKED && !heap.spill)
        heap.spill = pattern_broken(heap.brk, heap.open);
    const char *spill = heap.spill;
    pthread_mutex_unlock(&mutex);
    return spill;
}

/* --- Saying where an address lies ------------------------------------- */

struct words {
    char text[48];
};

/* "24 bytes past", "1 byte before"; "right at" for none. */
static struct words distance(size_t bytes, const char *direction)
{
    struct words words;

    if (bytes == 0)
        return (struct words){"right at"};
    snprintf(words.text, sizeof words.text, "%zu byte%s %s", bytes,
             bytes == 1 ? "" : "s", direction);
    return words;
}

static bool region_has(const struct region *region, const char *p)
{
    size_t page = mem_pagesize();

    return region->first && p >= region->first - page && p < region->end + page;
}

static void describe_heap(const char *p, char *text, size_t text_bytes)
{
    const char *first = heap.region.first;
    const char *brk = heap.brk;

    if (p < first)
        snprintf(text, text_bytes, "%s the heap's first byte (0x%zx)",
                 distance(bytes_between(p, first), "before").text,
                 (uintptr_t)first);
    else if (p < brk)
        snprintf(text, text_bytes, "in the heap at +0x%zx, %s the break",
                 bytes_between(first, p),
                 distance(bytes_between(p, brk), "before").text);
    else
        snprintf(text, text_bytes, "%s the break (0x%zx)%s",
                 distance(bytes_between(brk, p), "past").text, (uintptr_t)brk,
                 p < first + counts.peak_heap
                     ? ", in memory that mem_sbrk has taken back"
                     : "");
}

/* For an address in a hole, so between mappings if there are any. */
static void describe_hole(const char *p, char *text, size_t text_bytes)
{
    const struct shadow_block *low = shadow_below(maps.mappings, p);
    const struct shadow_block *high = shadow_above(maps.mappings, p);
    size_t past = low ? bytes_between(block_end(low), p) : SIZE_MAX;
    size_t before = high ? bytes_between(p, high->payload) : SIZE_MAX;
    bool guard = past < mem_pagesize() || before <= mem_pagesize();
    const char *where = guard ? "in the guard page" : "in no mapping";

    if (low && past < before)
        snprintf(text, text_bytes,
                 "%s, %s the end of the mapping at 0x%zx (%zu bytes)", where,
                 distance(past, "past").text, (uintptr_t)low->payload,
                 low->size);
    else if (high)
        snprintf(text, text_bytes,
                 "%s, %s the start of the mapping at 0x%zx (%zu bytes)", where,
                 distance(before, "before").text, (uintptr_t)high->payload,
                 high->size);
    else
        snprintf(text, text_bytes,
                 "where mem_map puts mappings, but there is none now");
}

static void describe_maps(const char *p, char *text, size_t text_bytes)
{
    const struct shadow_block *mapping = mapping_of(p, 1);

    if (mapping)
        snprintf(text, text_bytes,
                 "in the mapping at 0x%zx (%zu bytes), +0x%zx",
                 (uintptr_t)mapping->payload, mapping->size,
                 bytes_between(mapping->payload, p));
    else
        describe_hole(p, text, text_bytes);
}

/* For an address in neither region; the low ones come from null pointers. */
static void describe_strange(uintptr_t p, char *text, size_t text_bytes)
{
    const char *none = "in no memory of the stage";

    if (p == 0)
        snprintf(text, text_bytes, "%s (NULL)", none);
    else if (p < NULL_REACH)
        snprintf(text, text_bytes, "%s (NULL + %zu)", none, p);
    else
        snprintf(text, text_bytes, "%s (0x%zx)", none, p);
}

/* Lock unless the holder does not let go: a signal may have stopped it. */
static bool lock_if_free(void)
{
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (pthread_mutex_trylock(&mutex) == 0)
            return true;
        sched_yield();
    }
    return false;
}

void mem_describe(const void *p, char *text, size_t text_bytes)
{
    bool in_heap = region_has(&heap.region, p);

    if (!in_heap && !region_has(&maps.region, p)) {
        describe_strange((uintptr_t)p, text, text_bytes);
    } else if (!lock_if_free()) {
        snprintf(text, text_bytes,
                 "in the stage's memory, while memlib was changing it");
    } else {
        if (in_heap)
            describe_heap(p, text, text_bytes);
        else
            describe_maps(p, text, text_bytes);
        pthread_mutex_unlock(&mutex);
    }
}
