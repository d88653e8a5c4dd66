/*
 * second-thread.c - has a thread work for it, where a filter is in force.
 *
 * referee: crash
 * options: -c --filter 9
 * trace:
 *   a 0 24
 */
#define OWN_MALLOC
#include "../broken/base.h"

#include <pthread.h>

static void *work(void *arg)
{
    return arg;
}

void *mm_malloc(size_t size)
{
    pthread_t thread;

    pthread_create(&thread, NULL, work, NULL);
    return base_malloc(size);
}
