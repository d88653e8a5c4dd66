/* random.h - the numbers that the workloads draw; the same for all stages. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum {
    SIZE_LEAST = 8, /* bytes of a block */
    SIZE_MOST = 512,
};

/* A generator's state for the seed; never the 0 it would stick at. */
uint64_t random_start(uint64_t seed);

/* A number below limit, 1 to 2^32. */
size_t random_below(uint64_t *state, size_t limit);

/*
 * random_size - bytes for a block, SIZE_LEAST + 1 to SIZE_MOST.
 *
 * Skewed as the sizes of programs are: each doubling is as likely as the
 * next, so half the blocks have at most 64 bytes. The mean is 126.5.
 */
size_t random_size(uint64_t *state);

#endif
