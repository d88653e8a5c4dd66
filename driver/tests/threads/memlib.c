/*
 * memlib.c - threads that use the simulated memlib at once.
 *
 * Built with -fsanitize=thread by threads.test, so it stands without
 * Criterion, which cannot start there. Exits 0 when nothing was lost; 1 after
 * a line that says what.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memlib.h"
#include "memlib_sim.h"

enum {
    THREADS = 4,
    ROUNDS = 1000, /* of each thread */
    GROWTH = 64,   /* bytes of heap a round */
};

static void expect(bool holds, const char *what)
{
    if (holds)
        return;
    printf("memlib threads: %s\n", what);
    exit(1);
}

static void expect_filled(const char *p, int value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        expect(p[i] == value, "another thread wrote here");
}

/* What a driver may ask while the stage's threads are at work. */
static void ask(const char *p, size_t bytes)
{
    char text[128];

    expect(mem_contains(p, bytes), "memory held is not contained");
    expect(mem_reached(p, bytes), "memory held was not reached");
    expect(mem_counts().peak >= bytes, "memory held is not counted");
    expect(!mem_spill(), "a byte beyond the break");
    expect((char *)mem_heap_hi() >= (char *)mem_heap_lo(), "heap_hi is off");
    mem_describe(p, text, sizeof text);
    expect(strncmp(text, "in the", 6) == 0, text);
}

/* Take memory in all ways, and see that nobody else has it. */
static void round_once(char mark, size_t bytes)
{
    char *heap = mem_sbrk(GROWTH);
    char *map = mem_map(bytes, 0);

    memset(heap, mark, GROWTH);
    memset(map, mark, bytes);
    map = mem_remap(map, bytes, 2 * bytes, 0);
    expect_filled(map, mark, bytes);
    ask(map, 2 * bytes);
    expect(mem_unmap(map, 2 * bytes) == 0, "mem_unmap fails");
    expect_filled(heap, mark, GROWTH);
    ask(heap, GROWTH);
}

static void *work(void *arg)
{
    char mark = *(char *)arg;

    for (size_t i = 0; i < ROUNDS; i++)
        round_once(mark, 1 + i * (size_t)mark % 100 * 97);
    return NULL;
}

static void run_threads(void)
{
    pthread_t threads[THREADS];
    char marks[THREADS] = {1, 2, 3, 5};

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, &marks[i]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    expect(mem_heapsize() == THREADS * ROUNDS * GROWTH, "heap bytes are lost");
    expect(mem_counts().heap == mem_heapsize(), "heap bytes are miscounted");
    expect(mem_counts().mapped == 0, "mapped bytes are miscounted");
}

int main(void)
{
    const char *why;

    expect(mem_open(&(struct mem_options){.limit = 0}, &why), "mem_open fails");
    run_threads();
    mem_reset(MEM_WARM);
    run_threads();
    mem_close();
    return 0;
}
