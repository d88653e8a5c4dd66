/*
 * memlib_real.c - memlib over pages of the kernel, for preloading.
 *
 * Contract in memlib.h. Nothing here allocates, so it may run before main and
 * inside any call of malloc. No mapping is made executable or shared, and no
 * refusal of the kernel ends the process.
 *
 * The heap is a mapping far from all others that grows at its end. It is not
 * the process's own break: a program may move that with sbrk(2), and then no
 * stage could go on, as its heap has to be one piece; and Valgrind ends it
 * after 8 MiB.
 *
 * Source: mmap(2), munmap(2), mremap(2).
 */
#include "memlib_real.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "memlib.h"

enum {
    PAGE = 4096,                  /* bytes; the kernel's pages on x86-64 */
    HEAP_ALIGN = 2 * 1024 * 1024, /* where it starts: the stages' arenas do, so
                                     that they need to leave nothing before */
    AHEAD_LEAST = 16 * 1024,      /* bytes mapped beyond the break, so that most
                                     calls of mem_sbrk need none of the kernel; */
    AHEAD_MOST = 512 * 1024,      /* between these two, */
    AHEAD_PART = 16,              /* as a part of the heap, but ... */
    AHEAD_STEP = 32 * 1024, /* none if the break moves by more: for a large
                               block, of which less may ever be written */
};

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* of Linux 5.14 */
#endif

/* --- What is held ----------------------------------------------------- */

static atomic_size_t held_now;
static atomic_size_t held_peak;

static void held_add(size_t bytes)
{
    size_t now = atomic_fetch_add(&held_now, bytes) + bytes;
    size_t peak = atomic_load(&held_peak);

    while (now > peak && !atomic_compare_exchange_weak(&held_peak, &peak, now))
        continue;
}

static void held_subtract(size_t bytes)
{
    atomic_fetch_sub(&held_now, bytes);
}

struct mem_held mem_held(void)
{
    return (struct mem_held){atomic_load(&held_now), atomic_load(&held_peak)};
}

/* --- Pages ------------------------------------------------------------ */

static size_t page_round(size_t bytes)
{
    return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/*
 * Pages that the kernel has refused to unmap. It does so when a mapping would
 * be cut in two and the process has as many as it may (65,530); two that touch
 * count as one. These pages are given back as soon as they lie at an end of
 * a mapping; until then they hold nothing but this, in address order.
 */
struct refused {
    struct refused *next;
    size_t bytes;
};

static pthread_mutex_t refused_lock = PTHREAD_MUTEX_INITIALIZER;
static struct refused *_Atomic refused_first;

/* Let b's pages be a's if they follow them. */
static void refused_merge(struct refused *a, struct refused *b)
{
    if (!a || !b || (char *)a + a->bytes != (char *)b)
        return;
    a->bytes += b->bytes;
    a->next = b->next;
}

static void refused_add(char *pages, size_t bytes)
{
    struct refused *new = (struct refused *)pages;
    struct refused *prev = NULL;

    madvise(pages, bytes, MADV_DONTNEED);
    pthread_mutex_lock(&refused_lock);
    for (struct refused *at = refused_first; at && at < new; at = at->next)
        prev = at;
    new->bytes = bytes;
    new->next = prev ? prev->next : refused_first;
    if (prev)
        prev->next = new;
    else
        refused_first = new;
    refused_merge(new, new->next);
    refused_merge(prev, new);
    pthread_mutex_unlock(&refused_lock);
}

/* Ask again; returns true if the kernel took something. */
static bool refused_retry(void)
{
    struct refused *prev = NULL;
    struct refused *next;
    bool any = false;

    pthread_mutex_lock(&refused_lock);
    for (struct refused *at = refused_first; at; at = next) {
        next = at->next;
        if (munmap(at, at->bytes) != 0) {
            prev = at;
            continue;
        }
        any = true;
        if (prev)
            prev->next = next;
        else
            refused_first = next;
    }
    pthread_mutex_unlock(&refused_lock);
    return any;
}

/* Give pages back, now or later. Returns 0, or -1 with errno = EINVAL. */
static int pages_unmap(char *pages, size_t bytes)
{
    if (munmap(pages, bytes) == 0) {
        if (refused_first)
            refused_retry();
        return 0;
    }
    if (errno == EINVAL)
        return -1;
    refused_add(pages, bytes);
    return 0;
}

/* Fresh pages with these rights where the kernel likes, or NULL. */
static char *pages_map(size_t bytes, int rights)
{
    char *base = mmap(NULL, bytes, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return base == MAP_FAILED ? NULL : base;
}

/* Give back fresh pages; those that cannot be written to may stay. */
static void pages_cut(char *pages, size_t bytes, int rights)
{
    if (rights == PROT_NONE)
        munmap(pages, bytes);
    else
        pages_unmap(pages, bytes);
}

/* Fresh pages just there, over none that are in use; false if not to be had. */
static bool pages_map_at(char *place, size_t bytes)
{
    char *base = mmap(place, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if (base == MAP_FAILED)
        return false;
    if (base != place) /* a kernel older than 4.17 takes it for a wish */
        munmap(base, bytes);
    return base == place;
}

/*
 * pages_map_aligned - fresh pages at a multiple of align, a power of two.
 *
 * Whole multiples of align are first asked for as they are: the kernel puts
 * mappings side by side, so after one that is aligned the next one often is
 * too, and the two count as one against the limit of mappings.
 *
 * Returns the first byte, or NULL.
 */
static char *pages_map_aligned(size_t bytes, size_t align, int rights)
{
    size_t spare = align > PAGE ? align - PAGE : 0;

    if (spare == 0 || bytes % align == 0) {
        char *base = pages_map(bytes, rights);
        if (!base || spare == 0 || (uintptr_t)base % align == 0)
            return base;
        pages_cut(base, bytes, rights);
    }
    if (bytes > PTRDIFF_MAX - spare)
        return NULL;

    char *base = pages_map(bytes + spare, rights);
    if (!base)
        return NULL;
    size_t front = -(uintptr_t)base & (align - 1);
    if (front > 0)
        pages_cut(base, front, rights);
    if (spare > front)
        pages_cut(base + front + bytes, spare - front, rights);
    return base + front;
}

/* --- The heap below the break ----------------------------------------- */

static pthread_mutex_t break_lock = PTHREAD_MUTEX_INITIALIZER;
static char *_Atomic heap_first; /* NULL before the first use */
static char *_Atomic heap_break;
static char *heap_end; /* where the pages end, at or behind the break */

/*
 * Look for a place with room to grow: as far as possible below the mappings
 * that the kernel makes from there downwards, or else above. Only the heap's
 * first pages are taken; nothing is reserved, so the limits of the process
 * (ulimit -v) count what is used. ThreadSanitizer has room for no more than
 * these 256 GiB, and asked for more it maps page 0.
 */
static bool heap_open(void)
{
    char *others = pages_map(PAGE, PROT_NONE);

    if (!others)
        return false;
    munmap(others, PAGE);
    others = (char *)((uintptr_t)others & ~(uintptr_t)(HEAP_ALIGN - 1));
    for (size_t room = (size_t)1 << 38; room >= (size_t)1 << 30; room /= 2) {
        char *places[] = {others - room, others + room};

        for (int i = 0; i < 2; i++) {
            if (pages_map_at(places[i], PAGE)) {
                heap_first = heap_break = places[i];
                heap_end = places[i] + PAGE;
                return true;
            }
        }
    }
    return false;
}

/* Bytes to have beyond the break, at most. */
static size_t heap_ahead(void)
{
    size_t part = (size_t)(heap_break - heap_first) / AHEAD_PART;

    if (part < AHEAD_LEAST)
        return AHEAD_LEAST;
    return part < AHEAD_MOST ? page_round(part) : AHEAD_MOST;
}

/*
 * Have pages for so many bytes more, and some ahead if possible. The kernel is
 * asked to bring these at once: a fault a page costs more than twice as much.
 * It may refuse, and then they come one by one.
 */
static bool heap_extend(size_t bytes, size_t ahead)
{
    int saved = errno;

    bytes = page_round(bytes);
    if (ahead > 0 && pages_map_at(heap_end, bytes + ahead)) {
        madvise(heap_end + bytes, ahead, MADV_POPULATE_WRITE);
        bytes += ahead;
    } else if (!pages_map_at(heap_end, bytes)) {
        return false;
    }
    heap_end += bytes;
    errno = saved;
    return true;
}

/* Give back the pages that lie too far beyond the break. */
static void heap_trim(void)
{
    char *end = (char *)page_round((uintptr_t)heap_break) + heap_ahead();

    if (heap_end > end + heap_ahead() &&
        munmap(end, (size_t)(heap_end - end)) == 0)
        heap_end = end;
}

/* Move the break of an open heap while the lock is held; see mem_sbrk. */
static void *heap_move(intptr_t increment)
{
    char *old = heap_break;
    char *new = old + increment;

    if (increment < 0) {
        if (-(size_t)increment > (size_t)(old - heap_first)) {
            errno = EINVAL;
            return (void *)-1;
        }
        heap_break = new;
        heap_trim();
        held_subtract(-(size_t)increment);
        return old;
    }
    if (increment > heap_end - old &&
        !heap_extend((size_t)(increment - (heap_end - old)),
                     increment > AHEAD_STEP ? 0 : heap_ahead())) {
        errno = ENOMEM;
        return (void *)-1;
    }
    heap_break = new;
    held_add((size_t)increment);
    return old;
}

void *mem_sbrk(intptr_t increment)
{
    void *old = (void *)-1;

    pthread_mutex_lock(&break_lock);
    if (heap_first || heap_open())
        old = heap_move(increment);
    else
        errno = ENOMEM;
    pthread_mutex_unlock(&break_lock);
    return old;
}

void *mem_heap_lo(void)
{
    if (!heap_first)
        mem_sbrk(0);
    return heap_first;
}

void *mem_heap_hi(void)
{
    if (!heap_first)
        mem_sbrk(0);
    return heap_break - 1;
}

size_t mem_heapsize(void)
{
    return (size_t)(heap_break - heap_first);
}

size_t mem_pagesize(void)
{
    return PAGE;
}

void mem_hold(void)
{
    pthread_mutex_lock(&break_lock);
    pthread_mutex_lock(&refused_lock);
}

void mem_release(void)
{
    pthread_mutex_unlock(&refused_lock);
    pthread_mutex_unlock(&break_lock);
}

/* --- Mappings --------------------------------------------------------- */

/* True when a mapping of so many bytes can be; false with errno. */
static bool request_is_valid(size_t bytes, size_t align)
{
    if (bytes == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return false;
    }
    if (bytes > PTRDIFF_MAX) {
        errno = ENOMEM;
        return false;
    }
    return true;
}

void *mem_map(size_t bytes, size_t align)
{
    if (!request_is_valid(bytes, align))
        return NULL;
    bytes = page_round(bytes);

    char *base = pages_map_aligned(bytes, align, PROT_READ | PROT_WRITE);
    if (base)
        held_add(bytes);
    else
        errno = ENOMEM;
    return base;
}

int mem_unmap(void *address, size_t bytes)
{
    bytes = page_round(bytes);
    if (pages_unmap(address, bytes) != 0)
        return -1;
    held_subtract(bytes);
    return 0;
}

/*
 * Move a mapping to a multiple of align. Pages which the program has given
 * different properties, by mlock or madvise, are several mappings to the
 * kernel, which mremap does not take: these are copied.
 *
 * Returns the first byte, or NULL, the mapping being as it was.
 */
static char *pages_move(char *from, size_t old_bytes, size_t new_bytes,
                        size_t align)
{
    char *to = pages_map_aligned(new_bytes, align, PROT_NONE);

    if (!to)
        return NULL;
    if (mremap(from, old_bytes, new_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) !=
        MAP_FAILED)
        return to;
    if (mprotect(to, new_bytes, PROT_READ | PROT_WRITE) != 0) {
        pages_unmap(to, new_bytes);
        return NULL;
    }
    memcpy(to, from, old_bytes < new_bytes ? old_bytes : new_bytes);
    pages_unmap(from, old_bytes);
    return to;
}

void mem_discard(void *address, size_t bytes)
{
    int saved = errno;

    madvise(address, bytes, MADV_DONTNEED);
    errno = saved;
}

void *mem_remap(void *address, size_t old_bytes, size_t new_bytes, size_t align)
{
    if (!request_is_valid(new_bytes, align))
        return NULL;
    old_bytes = page_round(old_bytes);
    new_bytes = page_round(new_bytes);

    char *moved = mremap(address, old_bytes, new_bytes,
                         align > PAGE ? 0 : MREMAP_MAYMOVE);
    if (moved == MAP_FAILED)
        moved = pages_move(address, old_bytes, new_bytes, align);
    if (!moved) {
        errno = ENOMEM;
        return NULL;
    }
    held_add(new_bytes);
    held_subtract(old_bytes);
    return moved;
}
