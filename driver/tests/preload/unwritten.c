/*
 * unwritten.c - what a program never writes takes no memory: of large blocks,
 * the pages that it has not touched do not count.
 */
#include <sys/resource.h>

#include "expect.h"

enum { BLOCK = 200 * 1024, COUNT = 24 };

/* The most that was ever in memory, in KiB. */
static long peak_kib(void)
{
    struct rusage usage;

    expect(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_maxrss;
}

int main(void)
{
    long before = peak_kib();

    for (int i = 0; i < COUNT; i++) {
        char *block = keep(malloc(BLOCK));
        expect(block != NULL);
        block[0] = 1;
    }
    long grown = peak_kib() - before;
    if (grown * 1024 > BLOCK * COUNT / 4)
        fprintf(stderr, "%ld KiB more for a byte in each block\n", grown);
    expect(grown * 1024 <= BLOCK * COUNT / 4);
    return 0;
}
