/* locked.c - a lock around a stage that is not thread-safe; see locked.h. */
#include "locked.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const struct stage *inner;

static bool locked_init(void)
{
    pthread_mutex_lock(&mutex);
    bool is_ready = inner->init();
    pthread_mutex_unlock(&mutex);
    return is_ready;
}

static void *locked_malloc(size_t size)
{
    pthread_mutex_lock(&mutex);
    void *block = inner->malloc(size);
    pthread_mutex_unlock(&mutex);
    return block;
}

static void locked_free(void *ptr)
{
    pthread_mutex_lock(&mutex);
    inner->free(ptr);
    pthread_mutex_unlock(&mutex);
}

static void *locked_realloc(void *ptr, size_t size)
{
    pthread_mutex_lock(&mutex);
    void *block = inner->realloc(ptr, size);
    pthread_mutex_unlock(&mutex);
    return block;
}

static void *locked_calloc(size_t count, size_t size)
{
    pthread_mutex_lock(&mutex);
    void *block = inner->calloc(count, size);
    pthread_mutex_unlock(&mutex);
    return block;
}

static void *locked_memalign(size_t align, size_t size)
{
    pthread_mutex_lock(&mutex);
    void *block = inner->memalign(align, size);
    pthread_mutex_unlock(&mutex);
    return block;
}

static size_t locked_usable_size(const void *ptr)
{
    pthread_mutex_lock(&mutex);
    size_t usable = inner->usable_size(ptr);
    pthread_mutex_unlock(&mutex);
    return usable;
}

static bool locked_checkheap(int line)
{
    pthread_mutex_lock(&mutex);
    bool is_sound = inner->checkheap(line);
    pthread_mutex_unlock(&mutex);
    return is_sound;
}

static void locked_walk(mm_visit *visit, void *arg)
{
    pthread_mutex_lock(&mutex);
    inner->walk(visit, arg);
    pthread_mutex_unlock(&mutex);
}

const struct stage *locked_stage(const struct stage *stage)
{
    static struct stage locked;

    inner = stage;
    locked = (struct stage){
        .info = stage->info,
        .era = stage->era,
        .alignment = stage->alignment,
        .init = locked_init,
        .malloc = locked_malloc,
        .free = locked_free,
        .realloc = locked_realloc,
        .calloc = locked_calloc,
        .memalign = stage->memalign ? locked_memalign : NULL,
        .usable_size = locked_usable_size,
        .checkheap = locked_checkheap,
        .walk = locked_walk,
    };
    return &locked;
}
