/*
 * race.c - threads that hand blocks to each other as fast as they can.
 *
 * An address freed by one thread is given to another at once, so any order
 * of the log but the true one shows: a block given twice or freed twice.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 4, TURNS = 20000, SHELVES = 16 };

static _Atomic(void *) shelves[SHELVES];

static void *thread_main(void *arg)
{
    unsigned seed = (unsigned)(size_t)arg;

    for (int i = 0; i < TURNS; i++) {
        void *block = malloc(24);
        _Atomic(void *) *shelf = NULL;

        seed = seed * 1103515245 + 12345;
        shelf = &shelves[(seed >> 16) % SHELVES];
        if (i % 8 == 0)
            block = realloc(block, 3000);
        free(atomic_exchange(shelf, block));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, thread_main, (void *)i);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SHELVES; i++)
        free(shelves[i]);
    return 0;
}
