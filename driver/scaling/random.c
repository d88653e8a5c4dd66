/* random.c - the numbers that the workloads draw; see random.h. */
#include "random.h"

enum { DOUBLINGS = 6 };

_Static_assert(SIZE_MOST == SIZE_LEAST << DOUBLINGS, "six doublings");

uint64_t random_start(uint64_t seed)
{
    return seed * 0x9e3779b97f4a7c15 | 1;
}

/* Marsaglia's xorshift64*, of which the upper half is good. */
static uint32_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * 0x2545f4914f6cdd1d >> 32);
}

size_t random_below(uint64_t *state, size_t limit)
{
    return (size_t)(random_next(state) * (uint64_t)limit >> 32);
}

size_t random_size(uint64_t *state)
{
    size_t base = (size_t)SIZE_LEAST << random_below(state, DOUBLINGS);

    return base + 1 + random_below(state, base);
}
