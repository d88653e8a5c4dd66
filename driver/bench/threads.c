/*
 * threads.c - run a function in several threads, and wait for all.
 */
#include <pthread.h>

#include "work.h"

void threads_run(int count, void *(*body)(void *), void *items, size_t bytes)
{
    pthread_t threads[2 * THREADS_MAX];

    for (int i = 0; i < count; i++) {
        if (pthread_create(&threads[i], NULL, body,
                           (char *)items + (size_t)i * bytes) != 0)
            fail("cannot start thread %d", i + 1);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
