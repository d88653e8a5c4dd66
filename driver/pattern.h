/*
 * pattern.h - what the driver writes into a block to see it kept.
 *
 * Every byte depends on the block's seed and on its place, so that a byte
 * lost, a copy shifted by one and a stranger's payload all show. Blocks up to
 * PATTERN_WHOLE bytes are filled whole. Of larger ones the first and the last
 * PATTERN_EDGE bytes are, and between them 8 bytes at each of PATTERN_SPOTS
 * evenly spread places: a block of many GiB then costs no more than 16 MiB of
 * real memory.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum {
    PATTERN_WHOLE = 1 << 20, /* bytes */
    PATTERN_EDGE = 1 << 18,  /* bytes */
    PATTERN_SPOTS = 4096,
};

/* A seed for the block that op number `op` gave to id, unlike all others. */
uint64_t pattern_seed(int32_t id, size_t op);

/* Write the pattern of seed to the size bytes at p. */
void pattern_fill(char *p, size_t size, uint64_t seed);

/*
 * pattern_find - compare with what pattern_fill(p, size, seed) wrote.
 *
 * Only bytes from `from` up to, but not including, `to` are looked at; to is
 * at most size.
 *
 * Returns the offset of the first that differs, or `to` when none does.
 */
size_t pattern_find(const char *p, size_t size, uint64_t seed, size_t from,
                    size_t to);

/* The byte that the pattern of seed has at offset. */
unsigned char pattern_byte(uint64_t seed, size_t offset);

#endif
