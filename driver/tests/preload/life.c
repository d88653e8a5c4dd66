/*
 * life.c - malloc and free when few expect them: in constructors, in handlers
 * of atexit, in destructors, and in the destructors of a thread's own data,
 * which go on after an allocator's own has run.
 */
#include <pthread.h>
#include <string.h>

#include "expect.h"

enum { KEYS = 40, BLOCKS = 50, THREADS = 8 };

static pthread_key_t keys[KEYS];
static char *early[BLOCKS];

static void use(size_t size)
{
    char *ptr = keep(malloc(size));

    expect(ptr != NULL);
    memset(ptr, 1, size);
    ptr = keep(realloc(ptr, 2 * size));
    expect(ptr && ptr[size - 1] == 1);
    free(ptr);
}

__attribute__((constructor(101))) static void first(void)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        early[i] = keep(malloc(i * i));
        memset(early[i], (int)i, i * i);
    }
}

__attribute__((destructor(101))) static void last(void)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t at = 0; at < i * i; at++)
            expect(early[i][at] == (char)i);
        free(early[i]);
    }
    use(100);
}

static void at_exit(void)
{
    use(100);
    use(100000);
}

/* Frees, allocates anew and comes again, as often as pthreads allow. */
static void key_end(void *ptr)
{
    pthread_key_t key;

    memcpy(&key, ptr, sizeof(key));
    free(ptr);
    use(48);
    ptr = keep(malloc(48));
    memcpy(ptr, &key, sizeof(key));
    pthread_setspecific(key, ptr);
}

static void *thread(void *handed)
{
    for (int i = 0; i < KEYS; i++) {
        char *ptr = keep(malloc(48));
        memcpy(ptr, &keys[i], sizeof(keys[i]));
        pthread_setspecific(keys[i], ptr);
    }
    free(handed);
    return keep(malloc(1000));
}

int main(void)
{
    pthread_t threads[THREADS];
    void *left;

    atexit(at_exit);
    for (int i = 0; i < KEYS; i++)
        expect(pthread_key_create(&keys[i], key_end) == 0);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < THREADS; i++)
            expect(pthread_create(&threads[i], NULL, thread,
                                  keep(malloc(64))) == 0);
        for (int i = 0; i < THREADS; i++) {
            expect(pthread_join(threads[i], &left) == 0);
            memset(left, 1, 1000);
            free(left);
        }
    }
    return 0;
}
