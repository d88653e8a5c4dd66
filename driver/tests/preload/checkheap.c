/*
 * checkheap.c THREADS ROUNDS - mm_checkheap may run in one thread while others
 * allocate, resize and free: slots, and runs of whole pages.
 *
 * Linked with the stage, as the library for preloading has no mm_checkheap.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "crew.h"
#include "expect.h"
#include "mm.h"

enum {
    HELD = 8, /* blocks of a thread */
    SLOT_MOST = 8 << 10,
    RUN_LEAST = 64 << 10,
    RUN_MOST = 1 << 20,
};

static int rounds;
static atomic_int at_work; /* threads that are not done */

static size_t pick_size(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;

    unsigned random = *seed >> 8;
    if (random % 2 == 0)
        return RUN_LEAST + random % (RUN_MOST - RUN_LEAST);
    return 1 + random % SLOT_MOST;
}

static void *work(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    char *blocks[HELD] = {NULL};

    for (int i = 0; i < rounds; i++) {
        char **block = &blocks[i % HELD];
        size_t size = pick_size(&seed);

        if (i % 3 == 0) {
            *block = keep(realloc(*block, size));
        } else {
            free(*block);
            *block = keep(malloc(size));
        }
        expect(*block != NULL);
        (*block)[0] = (*block)[size - 1] = 1;
    }
    for (int i = 0; i < HELD; i++)
        free(blocks[i]);
    at_work--;
    return NULL;
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : 3;
    struct crew crew;

    rounds = argc > 2 ? atoi(argv[2]) : 20000;
    at_work = threads;
    crew_start(&crew, threads, work);
    do
        expect(mm_checkheap(__LINE__));
    while (at_work > 0);
    crew_join(&crew);
    expect(mm_checkheap(__LINE__));
    return 0;
}
