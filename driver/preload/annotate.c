/*
 * annotate.c - the mm_ functions with every byte a program may not touch
 * hidden from it, so that Valgrind and ASan report who does.
 *
 * Each block is asked for with room round it, and the stage's block looks
 *
 *      | hidden | note | size bytes of the caller | hidden, FENCE or more |
 *                      ^ the caller's pointer
 *
 * The byte after the last one asked for is hidden even where alignment leaves
 * room. A freed block is hidden whole and waits in a queue before the stage
 * gets it back, so that a use after free is seen, and does not hit the block
 * of someone else. Only what a stage has handed out is ever hidden: its own
 * headers and lists are as they were, and the stage needs neither changes nor
 * another build. A stage's block is shown again before it goes back.
 *
 * mm_realloc always moves a block, so that an old pointer is noticed.
 *
 * Source: the redzones and the quarantine of AddressSanitizer (Serebryany,
 * Bruening, Potapenko and Vyukov, USENIX ATC 2012, 3.3).
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "memlib.h"
#include "mm.h"
#include "raw.h"
#include "tool.h"

enum {
    FENCE = 32,             /* bytes hidden behind a block, at least */
    QUEUE = 4096,           /* freed blocks that wait, at most ... */
    QUEUE_BYTES = 16 << 20, /* ... and bytes; but one in any case */
};

/* The state of a block, mixed with its address, so that no other word of
 * memory looks like it. */
enum { IN_USE = 0x1ab1e, FREED = 0xdead };

/* In front of every block, hidden from all others. */
struct note {
    struct note *next; /* of the blocks in use, or in the queue */
    struct note *prev;
    char *raw; /* the stage's block */
    size_t raw_bytes;
    size_t size; /* bytes that the caller asked for */
    const void *allocated_by;
    const void *freed_by;
    uintptr_t mark;
};

_Static_assert(sizeof(struct note) % MM_ALIGN == 0, "a block is aligned");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */

/* Rings: of the blocks in use, and of those freed, oldest first. */
static struct note used;
static struct note queue;
static size_t queued;
static size_t queued_bytes;

static void take_lock(void)
{
    pthread_mutex_lock(&lock);
}

static void give_lock(void)
{
    pthread_mutex_unlock(&lock);
}

static struct note *note_of(const void *ptr)
{
    return (struct note *)ptr - 1;
}

static void ring_clear(struct note *ring)
{
    ring->next = ring->prev = ring;
}

/* At the end of a ring. */
static void ring_add(struct note *ring, struct note *note)
{
    note->next = ring;
    note->prev = ring->prev;
    note->prev->next = note;
    ring->prev = note;
}

static void ring_remove(struct note *note)
{
    note->prev->next = note->next;
    note->next->prev = note->prev;
}

static bool note_is(const struct note *note, uintptr_t state)
{
    return note->mark == ((uintptr_t)note ^ state);
}

static void note_mark(struct note *note, uintptr_t state)
{
    note->mark = (uintptr_t)note ^ state;
}

/* --- The queue -------------------------------------------------------- */

/* Take the oldest block from the queue, or NULL if there is nothing to take.
 * most: blocks that may stay. */
static struct note *queue_take(size_t most)
{
    struct note *note;

    take_lock();
    if (queued == 0 || (queued <= most && queued_bytes <= QUEUE_BYTES)) {
        note = NULL;
    } else {
        note = queue.next;
        ring_remove(note);
        queued--;
        queued_bytes -= note->raw_bytes;
    }
    give_lock();
    return note;
}

/* Let the stage have its blocks back until no more than most wait. */
static void queue_drain(size_t most)
{
    struct note *note;

    while ((note = queue_take(most)) != NULL) {
        char *raw = note->raw;

        note->mark = 0;
        tool_show(raw, note->raw_bytes);
        raw_free(raw);
    }
}

static void queue_add(struct note *note)
{
    take_lock();
    ring_remove(note);
    ring_add(&queue, note);
    queued++;
    queued_bytes += note->raw_bytes;
    give_lock();
    queue_drain(QUEUE);
}

/* --- Blocks ----------------------------------------------------------- */

/* The stage's memory, got back from the queue if need be. */
static char *raw_get(size_t bytes)
{
    char *raw = raw_malloc(bytes);

    if (!raw) {
        queue_drain(0);
        raw = raw_malloc(bytes);
    }
    return raw;
}

/* Where the caller's block goes in the stage's. */
static char *place(char *raw, size_t align)
{
    uintptr_t least = (uintptr_t)raw + sizeof(struct note);

    return (char *)((least + align - 1) & -(uintptr_t)align);
}

/* A block, hidden so far; NULL with errno = ENOMEM. */
static void *block_new(size_t align, size_t size, bool zero, const void *caller)
{
    size_t around = sizeof(struct note) + align + FENCE;
    char *raw = NULL;

    if (align <= PTRDIFF_MAX / 2 && size <= PTRDIFF_MAX - around)
        raw = raw_get(around + size);
    if (!raw) {
        errno = ENOMEM;
        return NULL;
    }

    char *block = place(raw, align);
    struct note *note = note_of(block);
    if (zero)
        memset(block, 0, size);
    *note = (struct note){.raw = raw,
                          .raw_bytes = around + size,
                          .size = size,
                          .allocated_by = caller};
    note_mark(note, IN_USE);
    take_lock();
    ring_add(&used, note);
    give_lock();
    tool_hide(raw, around + size);
    return block;
}

/* True when ptr is a block in use; otherwise the tool has reported it. */
static bool block_is_sound(void *ptr)
{
    const char *what = "not a block from mm_malloc";

    if (note_is(note_of(ptr), IN_USE))
        return true;
    if (note_is(note_of(ptr), FREED))
        what = "a block freed before";
    tool_look_again();
    tool_blame(ptr, what);
    tool_look_away();
    return false;
}

static void block_free(void *ptr, const void *caller)
{
    struct note *note = note_of(ptr);
    size_t size = note->size;

    note_mark(note, FREED);
    note->freed_by = caller;
    tool_look_again();
    tool_freed(ptr, size);
    tool_look_away();
    queue_add(note);
}

/* block_new as the program's call sees it: the block may be touched. */
static void *block_give(size_t align, size_t size, bool zero,
                        const void *caller)
{
    void *block = NULL;

    if (align < MM_ALIGN)
        align = MM_ALIGN;
    if (size > 0) {
        tool_look_away();
        block = block_new(align, size, zero, caller);
        tool_look_again();
    }
    if (block)
        tool_allocated(block, size, zero);
    return block;
}

/* --- The interface, see mm.h ------------------------------------------ */

static void fork_once(void)
{
    pthread_atfork(take_lock, give_lock, give_lock);
    tool_open();
}

/* In register and type what the era's mm_init gives: see raw.h. */
int mm_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, fork_once);
    ring_clear(&used);
    ring_clear(&queue);
    queued = queued_bytes = 0;
    return raw_init();
}

void *mm_malloc(size_t size)
{
    return block_give(MM_ALIGN, size, false, __builtin_return_address(0));
}

void *mm_memalign(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return block_give(align, size, false, __builtin_return_address(0));
}

void *mm_calloc(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return block_give(MM_ALIGN, bytes, true, __builtin_return_address(0));
}

void mm_free(void *ptr)
{
    int saved = errno;

    if (!ptr)
        return;
    tool_look_away();
    if (block_is_sound(ptr))
        block_free(ptr, __builtin_return_address(0));
    tool_look_again();
    errno = saved;
}

void *mm_realloc(void *ptr, size_t size)
{
    const void *caller = __builtin_return_address(0);

    if (!ptr)
        return block_give(MM_ALIGN, size, false, caller);
    if (size == 0) {
        mm_free(ptr);
        return NULL;
    }

    tool_look_away();
    size_t kept = block_is_sound(ptr) ? note_of(ptr)->size : 0;
    tool_look_again();
    void *moved = kept > 0 ? block_give(MM_ALIGN, size, false, caller) : NULL;
    if (!moved)
        return NULL;
    memcpy(moved, ptr, kept < size ? kept : size);
    tool_look_away();
    block_free(ptr, caller);
    tool_look_again();
    return moved;
}

/* No more than was asked for: the rest is hidden. */
size_t mm_usable_size(const void *ptr)
{
    if (!ptr)
        return 0;
    tool_look_away();
    size_t size = note_of(ptr)->size;
    tool_look_again();
    return size;
}

/* --- Memory that comes to the stage, see memlib.h --------------------- */

/*
 * What the driver has taken back may be hidden still, as blocks that were
 * never freed are.
 */
void *fresh_sbrk(intptr_t increment)
{
    char *old = mem_sbrk(increment);

    if (old != (void *)-1 && increment > 0)
        tool_show(old, (size_t)increment);
    return old;
}

void *fresh_map(size_t bytes, size_t align)
{
    void *pages = mem_map(bytes, align);

    if (pages)
        tool_show(pages, bytes);
    return pages;
}

/* --- For the tool ----------------------------------------------------- */

/* The block of the ring whose room an address lies in, or NULL. */
static const struct note *ring_find(const struct note *ring, const char *at)
{
    for (const struct note *n = ring->next; n != ring; n = n->next) {
        if (at >= n->raw && at < n->raw + n->raw_bytes)
            return n;
    }
    return NULL;
}

bool annotate_find(const void *address, struct near *near)
{
    const struct note *note;

    take_lock();
    note = ring_find(&used, address);
    if (!note)
        note = ring_find(&queue, address);
    if (note)
        *near = (struct near){.ptr = note + 1,
                              .size = note->size,
                              .is_freed = note_is(note, FREED),
                              .allocated_by = note->allocated_by,
                              .freed_by = note->freed_by};
    give_lock();
    return note != NULL;
}
