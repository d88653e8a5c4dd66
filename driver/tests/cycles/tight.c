/*
 * tight.c - what a malloc and free cost, measured without the driver: a tight
 * loop timed as a whole, less the same loop over functions that do nothing.
 * See cycles.sh.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

enum { PAIRS = 10000, LIVE = 50, RUNS = 400, BYTES = 64 };

static void *blocks[LIVE];

static __attribute__((noinline)) void *nothing_malloc(size_t bytes)
{
    __asm__ volatile("" : "+r"(bytes));
    return blocks;
}

static __attribute__((noinline)) void nothing_free(void *ptr)
{
    __asm__ volatile("" : "+r"(ptr));
}

/* Cycles a pair, of the fastest run, with `live` blocks live at a time. */
static double pair_cycles(void *(*allocate)(size_t), void (*release)(void *),
                          int live)
{
    uint64_t best = UINT64_MAX;

    for (int run = 0; run < RUNS; run++) {
        uint64_t start = __rdtsc();
        for (int i = 0; i < PAIRS / live; i++) {
            for (int j = 0; j < live; j++)
                blocks[j] = allocate(BYTES);
            for (int j = 0; j < live; j++)
                release(blocks[j]);
        }
        uint64_t cycles = __rdtsc() - start;
        best = cycles < best ? cycles : best;
    }
    return (double)best / PAIRS;
}

static void print_net(int live)
{
    double real = pair_cycles(malloc, free, live);
    double loop = pair_cycles(nothing_malloc, nothing_free, live);

    printf("%2d live at a time: %.1f cycles a pair, loop %.1f, net %.1f\n",
           live, real, loop, real - loop);
}

int main(void)
{
    print_net(1);
    print_net(LIVE);
}
