/*
 * threads.h - base.h for several threads, by one lock; it says so of itself.
 *
 * A file that includes this says with MY_INIT, MY_MALLOC and MY_FREE which
 * functions it defines itself; locked_malloc and locked_free are the sound
 * ones. A block knows the thread that asked for it.
 */
#ifndef THREADS_H
#define THREADS_H

#define OWN_INIT
#define OWN_MALLOC
#define OWN_FREE
#define OWN_REALLOC
#include <pthread.h>
#include <stdatomic.h>

#include "base.h"

const struct mm_info mm_info = {.name = "broken", .thread_safe = true};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Which pass it is: in turns, all threads at once, and those timed. */
enum { TURNS = 1, AT_ONCE, TIMED };

static int pass;

#ifndef MY_INIT
int mm_init(void)
{
    pass++;
    return base_init();
}
#endif

/* The calling thread's number, from 1. */
static inline size_t thread_number(void)
{
    static _Atomic size_t last;
    static _Thread_local size_t number;

    if (number == 0)
        number = atomic_fetch_add(&last, 1) + 1;
    return number;
}

static inline void *locked_malloc(size_t size)
{
    pthread_mutex_lock(&lock);
    void *payload = base_malloc(size);
    if (payload)
        base_block(payload)->used = thread_number();
    pthread_mutex_unlock(&lock);
    return payload;
}

static inline void locked_free(void *ptr)
{
    pthread_mutex_lock(&lock);
    base_free(ptr);
    pthread_mutex_unlock(&lock);
}

/* Another thread than the calling one asked for the block. */
static inline bool is_remote(const void *ptr)
{
    return ptr && base_block(ptr)->used != thread_number();
}

#ifndef MY_MALLOC
void *mm_malloc(size_t size)
{
    return locked_malloc(size);
}
#endif

#ifndef MY_FREE
void mm_free(void *ptr)
{
    locked_free(ptr);
}
#endif

void *mm_realloc(void *ptr, size_t size)
{
    void *moved = size > 0 ? mm_malloc(size) : NULL;

    if (moved && ptr)
        memcpy(moved, ptr,
               base_block(ptr)->room < size ? base_block(ptr)->room : size);
    if (moved || size == 0)
        mm_free(ptr);
    return moved;
}

#endif
