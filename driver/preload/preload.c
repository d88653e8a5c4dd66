/*
 * preload.c - a stage as the malloc of any dynamically linked program.
 *
 * LD_PRELOAD=build/libmm-N.so PROGRAM: the functions of malloc(3) and
 * posix_memalign(3) come from here and go to the stage's mm_ functions. The
 * heap is made ready by the first call, which comes from the dynamic linker
 * long before main. A stage that is not thread-safe is called under one lock.
 *
 * Results and errors: malloc(3), posix_memalign(3), malloc_usable_size(3) of
 * the Linux man-pages, and where these leave a choice, what glibc does:
 * malloc(0) gives a block of its own, memalign raises an alignment to a power
 * of two. What mm.h promises of a stage is made sure of here for a student's
 * file: errno is ENOMEM after NULL, and free leaves it alone.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memlib.h"
#include "memlib_real.h"
#include "mm_stats.h"
#include "stage.h"

/* The adapter's table; only init is taken from it, as its type is the era's. */
extern const struct stage mm_stage;

/* stdio's list of open files has a lock; glibc exports these for it. */
void _IO_list_lock(void);
void _IO_list_unlock(void);
void _IO_list_resetlock(void);

/* Say something when stdio may not be used, as it allocates. */
static void tell(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return;
}

/* --- The lock --------------------------------------------------------- */

/* One that notices when its owner comes again. */
static pthread_mutex_t heap_lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

static void lock_take(void)
{
    if (pthread_mutex_lock(&heap_lock) == 0)
        return;
    tell("libmm: malloc or free was called from inside the stage, which is "
         "not finished with another call; a stage may not use what allocates, "
         "as printf does: write to stderr with fprintf\n");
    abort();
}

static void lock_give(void)
{
    pthread_mutex_unlock(&heap_lock);
}

/* --- Fork ------------------------------------------------------------- */

/*
 * A child of fork has one thread, so no other may be inside the heap when it
 * is made. But locking the heap first and letting glibc lock stdio's list of
 * files then, as it does after these handlers, would be the wrong order: a
 * thread in fflush(NULL) holds that list and waits for a file, whose owner, in
 * getline, waits for malloc. So the list is locked first here too.
 *
 * Handlers run in the reverse order of their registration before the fork:
 * these first, then the stage's own, then memlib's.
 */
static void fork_prepare(void)
{
    _IO_list_lock();
    if (!mm_info.thread_safe)
        lock_take();
}

static void fork_parent(void)
{
    if (!mm_info.thread_safe)
        lock_give();
    _IO_list_unlock();
}

/* The locks belong to a thread of the parent: they are made anew. */
static void fork_child(void)
{
    heap_lock = (pthread_mutex_t)PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
    _IO_list_resetlock();
}

/* --- The start -------------------------------------------------------- */

static atomic_bool is_ready;

/* What malloc need not ask about: up to so many bytes when the heap is ready
 * and its stage needs no lock, otherwise none. Written before there are
 * threads. */
static size_t simple_most;

/*
 * heap_open - make the heap ready; there is one thread so far.
 *
 * Returns false when the stage could not; the next call tries again, since
 * the process may have more memory then.
 */
static bool heap_open(void)
{
    static bool has_tried;

    if (!has_tried)
        pthread_atfork(mem_hold, mem_release, mem_release);
    if (!mm_stage.init()) {
        if (!has_tried)
            tell("libmm: mm_init failed, so malloc gives NULL\n");
        has_tried = true;
        return false;
    }
    has_tried = true;
    atomic_store_explicit(&is_ready, true, memory_order_release);
    if (mm_info.thread_safe)
        simple_most = PTRDIFF_MAX;
    pthread_atfork(fork_prepare, fork_parent, fork_child);
    return true;
}

static inline bool heap_is_ready(void)
{
    return atomic_load_explicit(&is_ready, memory_order_acquire);
}

/* Come before the stage; false, with errno = ENOMEM, if there is no heap. */
static inline bool heap_enter(void)
{
    if (!heap_is_ready() && !heap_open()) {
        errno = ENOMEM;
        return false;
    }
    if (!mm_info.thread_safe)
        lock_take();
    return true;
}

/* Leave the stage with its answer to a request for memory. */
static inline void *heap_leave(void *answer)
{
    if (!mm_info.thread_safe)
        lock_give();
    if (!answer)
        errno = ENOMEM;
    return answer;
}

/* --- The interface, see malloc(3) ------------------------------------- */

static inline size_t at_least_one(size_t size)
{
    return size > 0 ? size : 1;
}

/* malloc before the heap is there, under a lock, or of 0 bytes. */
static __attribute__((noinline)) void *malloc_with_care(size_t size)
{
    if (!heap_enter())
        return NULL;
    return heap_leave(mm_malloc(at_least_one(size)));
}

/* The way most calls take is kept short, with no call in it: make icount. */
__attribute__((flatten)) void *malloc(size_t size)
{
    if (size - 1 < simple_most)
        return mm_malloc(size);
    return malloc_with_care(size);
}

static __attribute__((noinline)) void free_locked(void *ptr)
{
    int saved = errno;

    lock_take();
    mm_free(ptr);
    lock_give();
    errno = saved;
}

__attribute__((flatten)) void free(void *ptr)
{
    if (mm_info.thread_safe)
        mm_free(ptr);
    else if (ptr)
        free_locked(ptr);
}

static __attribute__((noinline)) void *calloc_with_care(size_t count,
                                                        size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    if (!heap_enter())
        return NULL;
    return heap_leave(mm_calloc(count, size));
}

__attribute__((flatten)) void *calloc(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    if (bytes - 1 < simple_most)
        return mm_calloc(count, size);
    return calloc_with_care(count, size);
}

__attribute__((flatten)) void *realloc(void *ptr, size_t size)
{
    if (ptr && size - 1 < simple_most)
        return mm_realloc(ptr, size);
    if (!ptr)
        return malloc(size);
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (!heap_enter())
        return NULL;
    return heap_leave(mm_realloc(ptr, size));
}

void *reallocarray(void *ptr, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(ptr, bytes);
}

static bool is_power_of_two(size_t n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

static void *heap_memalign(size_t align, size_t size)
{
    if (!heap_enter())
        return NULL;
    return heap_leave(mm_memalign(align, at_least_one(size)));
}

void *memalign(size_t align, size_t size)
{
    if (align > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return NULL;
    }

    size_t power = MM_ALIGN;
    while (power < align)
        power *= 2;
    return heap_memalign(power, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return heap_memalign(align, size);
}

int posix_memalign(void **ptr, size_t align, size_t size)
{
    if (!is_power_of_two(align) || align % sizeof(void *) != 0)
        return EINVAL;

    int saved = errno;
    void *block = heap_memalign(align, size);
    errno = saved;
    if (!block)
        return ENOMEM;
    *ptr = block;
    return 0;
}

void *valloc(size_t size)
{
    return heap_memalign(mem_pagesize(), size);
}

void *pvalloc(size_t size)
{
    size_t page = mem_pagesize();

    if (size > PTRDIFF_MAX) {
        errno = ENOMEM;
        return NULL;
    }
    return heap_memalign(page, (at_least_one(size) + page - 1) & ~(page - 1));
}

size_t malloc_usable_size(void *ptr)
{
    if (!ptr)
        return 0;
    if (mm_info.thread_safe)
        return mm_usable_size(ptr);
    lock_take();
    size_t size = mm_usable_size(ptr);
    lock_give();
    return size;
}

/* --- MM_STATS --------------------------------------------------------- */

__attribute__((constructor)) static void process_start(void)
{
    stats_open();
}

/* After the handlers of atexit. Not if exit was called from inside the heap,
 * as by a signal handler: the lock would never come free. */
__attribute__((destructor)) static void process_end(void)
{
    if (!stats_are_wanted() || !atomic_load(&is_ready))
        return;
    if (pthread_mutex_lock(&heap_lock) != 0)
        return;
    stats_write();
    lock_give();
}
