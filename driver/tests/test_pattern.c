/* test_pattern.c - the pattern shows every change it can see. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../pattern.h"

enum {
    GUARD = 16, /* bytes beside the block that must stay as they are */
    GUARD_BYTE = 0xee,
};

/* A block of size bytes between two guards; free it with block_free. */
static char *block_new(size_t size)
{
    char *all = malloc(size + 2 * GUARD);

    cr_assert_not_null(all);
    memset(all, GUARD_BYTE, size + 2 * GUARD);
    return all + GUARD;
}

static void block_free(char *block, size_t size)
{
    for (size_t i = 0; i < GUARD; i++) {
        cr_assert_eq((unsigned char)block[-1 - (long)i], GUARD_BYTE);
        cr_assert_eq((unsigned char)block[size + i], GUARD_BYTE);
    }
    free(block - GUARD);
}

Test(pattern, every_flipped_bit_of_a_small_block_is_found_where_it_is)
{
    uint64_t seed = pattern_seed(7, 42);

    for (size_t size = 0; size <= 100; size++) {
        char *p = block_new(size);
        pattern_fill(p, size, seed);
        cr_assert_eq(pattern_find(p, size, seed, 0, size), size);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            p[bit / 8] ^= (char)(1 << bit % 8);
            cr_assert_eq(pattern_find(p, size, seed, 0, size), bit / 8);
            p[bit / 8] ^= (char)(1 << bit % 8);
        }
        block_free(p, size);
    }
}

Test(pattern, only_the_range_asked_for_is_looked_at)
{
    enum { SIZE = 61 };
    uint64_t seed = pattern_seed(1, 2);
    char *p = block_new(SIZE);

    pattern_fill(p, SIZE, seed);
    for (size_t wrong = 0; wrong < SIZE; wrong++) {
        p[wrong] ^= 1;
        for (size_t from = 0; from <= SIZE; from++) {
            for (size_t to = from; to <= SIZE; to++) {
                size_t found = from <= wrong && wrong < to ? wrong : to;
                cr_assert_eq(pattern_find(p, SIZE, seed, from, to), found);
            }
        }
        p[wrong] ^= 1;
    }
    block_free(p, SIZE);
}

Test(pattern, byte_is_what_fill_writes)
{
    enum { SIZE = 77 };
    uint64_t seed = pattern_seed(3, 0);
    char *p = block_new(SIZE);

    pattern_fill(p, SIZE, seed);
    for (size_t i = 0; i < SIZE; i++)
        cr_assert_eq((unsigned char)p[i], pattern_byte(seed, i));
    block_free(p, SIZE);
}

/* True when a change of the byte at offset is found, and named. */
static bool is_seen(char *p, size_t size, uint64_t seed, size_t offset)
{
    size_t found;

    p[offset] ^= 0x10;
    found = pattern_find(p, size, seed, 0, size);
    p[offset] ^= 0x10;
    cr_assert(found == size || found == offset);
    return found == offset;
}

Test(pattern, a_block_up_to_1_MiB_is_seen_whole)
{
    static const size_t places[] = {0,
                                    1,
                                    PATTERN_EDGE - 1,
                                    PATTERN_EDGE,
                                    500000,
                                    600001,
                                    PATTERN_WHOLE - PATTERN_EDGE,
                                    PATTERN_WHOLE - 2};
    uint64_t seed = pattern_seed(9, 9);

    for (size_t size = PATTERN_WHOLE - 1; size <= PATTERN_WHOLE; size++) {
        char *p = block_new(size);
        pattern_fill(p, size, seed);
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
            cr_assert(is_seen(p, size, seed, places[i]), "byte %zu of %zu",
                      places[i], size);
        cr_assert(is_seen(p, size, seed, size - 1));
        block_free(p, size);
    }
}

Test(pattern, the_edges_of_a_larger_block_are_seen_whole)
{
    uint64_t seed = pattern_seed(2, 1);

    for (size_t size = PATTERN_WHOLE + 1; size <= PATTERN_WHOLE + 17; size++) {
        char *p = block_new(size);
        pattern_fill(p, size, seed);
        cr_assert_eq(pattern_find(p, size, seed, 0, size), size);
        for (size_t i = 1; i <= 100; i++) {
            cr_assert(is_seen(p, size, seed, i - 1));
            cr_assert(is_seen(p, size, seed, PATTERN_EDGE - i));
            cr_assert(is_seen(p, size, seed, size - PATTERN_EDGE + i - 1));
            cr_assert(is_seen(p, size, seed, size - i));
        }
        block_free(p, size);
    }
}

Test(pattern, no_page_between_the_edges_of_16_MiB_goes_unseen)
{
    enum { PAGE = 4096 };
    const size_t size = ((size_t)16 << 20) + 3;
    uint64_t seed = pattern_seed(5, 5);
    char *p = block_new(size);
    char page[PAGE];

    pattern_fill(p, size, seed);
    cr_assert_eq(pattern_find(p, size, seed, 0, size), size);
    for (size_t at = PATTERN_EDGE; at + PAGE < size; at += 37 * PAGE) {
        memcpy(page, p + at, PAGE);
        memset(p + at, 0, PAGE);
        size_t found = pattern_find(p, size, seed, 0, size);
        cr_assert(found >= at && found < at + PAGE, "page at %zu", at);
        memcpy(p + at, page, PAGE);
    }
    block_free(p, size);
}

Test(pattern, a_shorter_part_is_compared_as_the_whole_was_filled)
{
    const size_t size = (size_t)3 << 20;
    const size_t kept = ((size_t)2 << 20) - 5;
    uint64_t seed = pattern_seed(5, 6);
    char *p = block_new(size);

    pattern_fill(p, size, seed);
    memset(p + kept, 0, size - kept);
    cr_assert_eq(pattern_find(p, size, seed, 0, kept), kept);
    cr_assert_lt(pattern_find(p, size, seed, 0, size), size);
    block_free(p, size);
}

Test(pattern, blocks_do_not_pass_for_one_another_nor_for_their_own_shift)
{
    enum { SIZE = 64, SHIFTS = 40 };
    char *p = block_new(SIZE + SHIFTS);

    for (int32_t id = 0; id < 100; id++) {
        uint64_t seed = pattern_seed(id, 17);
        pattern_fill(p, SIZE + SHIFTS, seed);
        cr_assert_lt(pattern_find(p, 8, pattern_seed(id + 1, 17), 0, 8), 8);
        cr_assert_lt(pattern_find(p, 8, pattern_seed(id, 18), 0, 8), 8);
        for (size_t shift = 1; shift <= SHIFTS; shift++)
            cr_assert_lt(pattern_find(p + shift, SIZE, seed, 0, SIZE), SIZE);
    }
    block_free(p, SIZE + SHIFTS);
}
