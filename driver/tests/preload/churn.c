/*
 * churn.c THREADS [KIB] - short-lived threads leave resident memory where it
 * was, but for so many KiB (1024).
 *
 * Each allocates blocks of many sizes, hands one on, and frees the rest and
 * what was handed to it. The first quarter of them may take what it needs.
 */
#include <pthread.h>
#include <string.h>

#include "expect.h"
#include "resident.h"

enum { BLOCKS = 60 };

static void *thread(void *handed)
{
    char *blocks[BLOCKS];

    free(handed);
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t size = i * i * 10 + 1;
        blocks[i] = keep(malloc(size));
        expect(blocks[i] != NULL);
        memset(blocks[i], 1, size);
    }
    for (int i = 1; i < BLOCKS; i++)
        free(blocks[i]);
    return blocks[0];
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : 1000;
    size_t more = (argc > 2 ? (size_t)atol(argv[2]) : 1024) * 1024;
    size_t before = 0;
    void *handed = NULL;

    for (int i = 0; i < threads; i++) {
        pthread_t id[2];
        if (i == threads / 4)
            before = resident();
        expect(pthread_create(&id[0], NULL, thread, handed) == 0);
        expect(pthread_create(&id[1], NULL, thread, NULL) == 0);
        expect(pthread_join(id[0], &handed) == 0);
        free(handed);
        expect(pthread_join(id[1], &handed) == 0);
    }

    size_t after = resident();
    if (after > before + more)
        fprintf(stderr, "resident: %zu KiB, then %zu KiB\n", before / 1024,
                after / 1024);
    expect(after <= before + more);
    return 0;
}
