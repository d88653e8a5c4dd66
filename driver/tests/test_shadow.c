/*
 * test_shadow.c - the ordered set of disjoint blocks, against a plain array.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "shadow.h"

enum { MOST = 3000 };

static struct shadow *set;

static void make_set(void)
{
    set = shadow_new(MOST);
    cr_assert_not_null(set);
}

static void free_set(void)
{
    shadow_free(set);
}

TestSuite(shadow, .init = make_set, .fini = free_set, .timeout = 300);

/* --- Helpers ---------------------------------------------------------- */

static void *at(uintptr_t address)
{
    return (void *)address;
}

/* Insert a block with an id that tells its address. */
static const struct shadow_block *insert(uintptr_t address, size_t size)
{
    struct shadow_block block = {.payload = at(address),
                                 .size = size,
                                 .id = (int32_t)(address % 1000),
                                 .op = address + 1};

    return shadow_insert(set, &block);
}

static void assert_block(const struct shadow_block *block, uintptr_t address,
                         size_t size)
{
    cr_assert_not_null(block, "no block, not the one at %zu", address);
    cr_assert_eq((uintptr_t)block->payload, address, "%zu, not %zu",
                 (uintptr_t)block->payload, address);
    cr_assert_eq(block->size, size);
    cr_assert_eq(block->id, (int32_t)(address % 1000));
    cr_assert_eq(block->op, address + 1);
}

/* --- Single answers --------------------------------------------------- */

Test(shadow, an_empty_set_has_nothing)
{
    cr_assert_eq(shadow_count(set), 0);
    cr_assert_eq(shadow_bytes(set), 0);
    cr_assert_null(shadow_first(set));
    cr_assert_null(shadow_at(set, NULL));
    cr_assert_null(shadow_below(set, at(UINTPTR_MAX)));
    cr_assert_null(shadow_above(set, NULL));
    cr_assert_null(shadow_fit(set, 0, NULL));
    cr_assert_not(shadow_remove(set, NULL, NULL));
    cr_assert_not(shadow_is_full(set));
}

Test(shadow, a_block_comes_back_as_it_went_in)
{
    struct shadow_block out;

    cr_assert_null(insert(1040, 24));
    assert_block(shadow_at(set, at(1040)), 1040, 24);
    assert_block(shadow_first(set), 1040, 24);
    cr_assert_eq(shadow_count(set), 1);
    cr_assert_eq(shadow_bytes(set), 24);
    cr_assert_null(shadow_at(set, at(1041)));
    cr_assert_null(shadow_next(set, shadow_first(set)));
    cr_assert_not(shadow_remove(set, at(1041), NULL));
    cr_assert(shadow_remove(set, at(1040), &out));
    assert_block(&out, 1040, 24);
    cr_assert_eq(shadow_count(set), 0);
    cr_assert_eq(shadow_bytes(set), 0);
}

Test(shadow, blocks_may_touch)
{
    cr_assert_null(insert(1000, 10));
    cr_assert_null(insert(1010, 10));
    cr_assert_null(insert(990, 10));
    cr_assert_eq(shadow_bytes(set), 30);
}

Test(shadow, every_way_to_overlap_is_seen)
{
    cr_assert_null(insert(1000, 10));
    cr_assert_null(insert(1100, 10));
    assert_block(insert(1000, 10), 1000, 10);  /* the same */
    assert_block(insert(1009, 1), 1000, 10);   /* its last byte */
    assert_block(insert(1000, 1), 1000, 10);   /* its first byte */
    assert_block(insert(1004, 3), 1000, 10);   /* inside it */
    assert_block(insert(991, 10), 1000, 10);   /* from below, by a byte */
    assert_block(insert(1009, 20), 1000, 10);  /* from above, by a byte */
    assert_block(insert(900, 500), 1000, 10);  /* round both: the lower */
    assert_block(insert(1010, 91), 1100, 10);  /* after one into another */
    assert_block(insert(1050, 500), 1100, 10); /* round the second */
    cr_assert_eq(shadow_count(set), 2);
    cr_assert_eq(shadow_bytes(set), 20);
}

Test(shadow, a_block_of_no_bytes_covers_its_address)
{
    cr_assert_null(insert(1000, 0));
    assert_block(insert(1000, 0), 1000, 0);
    assert_block(insert(999, 2), 1000, 0);
    assert_block(insert(1000, 1), 1000, 0);
    cr_assert_null(insert(1001, 0));
    cr_assert_null(insert(999, 1));
    cr_assert_null(insert(1100, 10));
    assert_block(insert(1105, 0), 1100, 10);
    cr_assert_eq(shadow_bytes(set), 11);
    cr_assert(shadow_covers(shadow_at(set, at(1000)), at(1000), 1));
}

Test(shadow, a_block_cannot_run_past_the_end_of_the_address_space)
{
    cr_assert_null(insert(UINTPTR_MAX - 10, SIZE_MAX));
    assert_block(insert(UINTPTR_MAX, 1), UINTPTR_MAX - 10, SIZE_MAX);
    assert_block(insert(1000, SIZE_MAX), UINTPTR_MAX - 10, SIZE_MAX);
    cr_assert_null(insert(1000, 10));
}

Test(shadow, covers_tells_inside_from_outside)
{
    struct shadow_block block = {.payload = at(1000), .size = 10};

    cr_assert(shadow_covers(&block, at(1000), 10));
    cr_assert(shadow_covers(&block, at(1009), 1));
    cr_assert(shadow_covers(&block, at(1009), 0));
    cr_assert_not(shadow_covers(&block, at(1000), 11));
    cr_assert_not(shadow_covers(&block, at(1009), 2));
    cr_assert_not(shadow_covers(&block, at(1009), SIZE_MAX));
    cr_assert_not(shadow_covers(&block, at(1010), 0));
    cr_assert_not(shadow_covers(&block, at(999), 1));
}

Test(shadow, below_and_above_find_the_nearest)
{
    for (uintptr_t address = 1000; address < 2000; address += 100)
        cr_assert_null(insert(address, 10));
    assert_block(shadow_below(set, at(1500)), 1500, 10);
    assert_block(shadow_below(set, at(1599)), 1500, 10);
    assert_block(shadow_above(set, at(1500)), 1600, 10);
    assert_block(shadow_above(set, at(1499)), 1500, 10);
    cr_assert_null(shadow_below(set, at(999)));
    cr_assert_null(shadow_above(set, at(1900)));
}

Test(shadow, fit_finds_the_lowest_that_is_large_enough)
{
    cr_assert_null(insert(5000, 40));
    cr_assert_null(insert(1000, 10));
    cr_assert_null(insert(3000, 30));
    cr_assert_null(insert(2000, 20));
    cr_assert_null(insert(4000, 30));
    assert_block(shadow_fit(set, 0, NULL), 1000, 10);
    assert_block(shadow_fit(set, 30, NULL), 3000, 30);
    assert_block(shadow_fit(set, 30, at(3000)), 3000, 30);
    assert_block(shadow_fit(set, 30, at(3001)), 4000, 30);
    assert_block(shadow_fit(set, 31, NULL), 5000, 40);
    cr_assert_null(shadow_fit(set, 41, NULL));
    cr_assert_null(shadow_fit(set, 1, at(5001)));
    cr_assert(shadow_remove(set, at(5000), NULL));
    cr_assert_null(shadow_fit(set, 31, NULL));
}

Test(shadow, pointers_stay_good_while_other_blocks_come_and_go)
{
    cr_assert_null(insert(500000, 10));
    const struct shadow_block *kept = shadow_at(set, at(500000));

    for (uintptr_t i = 1; i < MOST; i++)
        cr_assert_null(insert(i * 100, 10));
    for (uintptr_t i = 1; i < MOST; i += 2)
        cr_assert(shadow_remove(set, at(i * 100), NULL));
    cr_assert_eq(shadow_at(set, at(500000)), kept);
    assert_block(kept, 500000, 10);
}

Test(shadow, a_set_can_be_filled_cleared_and_filled_again)
{
    for (int round = 0; round < 3; round++) {
        for (uintptr_t i = 0; i < MOST; i++) {
            cr_assert_not(shadow_is_full(set));
            cr_assert_null(insert(1000 + i * 16, 16));
        }
        cr_assert(shadow_is_full(set));
        assert_block(insert(1000, 1), 1000, 16);
        cr_assert(shadow_remove(set, at(1000), NULL));
        cr_assert_not(shadow_is_full(set));
        cr_assert_null(insert(1000, 8));
        cr_assert_eq(shadow_bytes(set), MOST * 16 - 8);
        shadow_clear(set);
        cr_assert_eq(shadow_count(set), 0);
        cr_assert_eq(shadow_bytes(set), 0);
        cr_assert_null(shadow_first(set));
    }
}

Test(shadow, too_large_a_set_is_refused)
{
    errno = 0;
    cr_assert_null(shadow_new(SIZE_MAX));
    cr_assert_eq(errno, ENOMEM);
    cr_assert_null(shadow_new(UINT32_MAX));
    shadow_free(NULL);
}

/* Addresses in order would make a list of a tree without balance: this must
   end, and in the time of a test. */
Test(shadow, addresses_in_order_do_not_make_it_slow)
{
    struct shadow *large = shadow_new(1 << 18);

    for (uintptr_t i = 1; i <= 1 << 18; i++) {
        struct shadow_block block = {.payload = at(i * 16), .size = 16};

        cr_assert_null(shadow_insert(large, &block));
    }
    for (uintptr_t i = 1; i <= 1 << 18; i++)
        cr_assert_eq(shadow_at(large, at(i * 16))->payload, at(i * 16));
    for (uintptr_t i = 1; i <= 1 << 18; i++)
        cr_assert(shadow_remove(large, at(i * 16), NULL));
    cr_assert_eq(shadow_count(large), 0);
    shadow_free(large);
}

/* --- Random operations against an array ------------------------------- */

enum { OPS = 100000, LIVE = 150, SPACE = 6000 };

/* The same blocks without order; every question looks at all of them. */
static struct model {
    struct shadow_block live[LIVE];
    size_t count;
    uint64_t seed;
} model;

static size_t model_random(size_t most)
{
    model.seed ^= model.seed << 13;
    model.seed ^= model.seed >> 7;
    model.seed ^= model.seed << 17;
    return model.seed % most;
}

static uintptr_t first_of(const struct shadow_block *block)
{
    return (uintptr_t)block->payload;
}

static uintptr_t end_of(const struct shadow_block *block)
{
    return first_of(block) + (block->size > 0 ? block->size : 1);
}

/* The lowest block of the model that shares a byte with [first, end), has
   `size` bytes and starts at `from` or above. */
static const struct shadow_block *model_find(uintptr_t first, uintptr_t end,
                                             size_t size, uintptr_t from)
{
    const struct shadow_block *found = NULL;

    for (size_t i = 0; i < model.count; i++) {
        const struct shadow_block *block = &model.live[i];

        if (first_of(block) < end && first < end_of(block) &&
            block->size >= size && first_of(block) >= from &&
            (!found || first_of(block) < first_of(found)))
            found = block;
    }
    return found;
}

static void assert_same(const struct shadow_block *got,
                        const struct shadow_block *expected)
{
    cr_assert_eq(!got, !expected);
    if (expected)
        assert_block(got, first_of(expected), expected->size);
}

static void model_insert(void)
{
    uintptr_t first = 1 + model_random(SPACE);
    size_t size = model_random(8) ? model_random(40) : model_random(400);
    uintptr_t end = first + (size > 0 ? size : 1);
    const struct shadow_block *in_the_way = model_find(first, end, 0, 0);

    assert_same(insert(first, size), in_the_way);
    if (!in_the_way)
        model.live[model.count++] = (struct shadow_block){
            at(first), size, (int32_t)(first % 1000), first + 1};
}

static void model_remove(void)
{
    size_t i = model_random(model.count);
    struct shadow_block out;

    cr_assert(shadow_remove(set, model.live[i].payload, &out));
    assert_same(&out, &model.live[i]);
    model.live[i] = model.live[--model.count];
}

/* Ask all questions about one address. */
static void model_ask(void)
{
    uintptr_t p = model_random(SPACE + 100);
    size_t size = model_random(60);
    const struct shadow_block *below = NULL;
    const struct shadow_block *exact = NULL;

    for (size_t i = 0; i < model.count; i++) {
        const struct shadow_block *block = &model.live[i];

        if (first_of(block) <= p &&
            (!below || first_of(block) > first_of(below)))
            below = block;
        if (first_of(block) == p)
            exact = block;
    }
    assert_same(shadow_below(set, at(p)), below);
    assert_same(shadow_at(set, at(p)), exact);
    assert_same(shadow_above(set, at(p)), model_find(0, UINTPTR_MAX, 0, p + 1));
    assert_same(shadow_fit(set, size, at(p)),
                model_find(0, UINTPTR_MAX, size, p));
    cr_assert_eq(below && shadow_covers(below, at(p), 1),
                 model_find(p, p + 1, 0, 0) != NULL);
}

/* The set iterates over the model's blocks in order. */
static void model_compare(void)
{
    size_t count = 0;
    size_t bytes = 0;
    uintptr_t from = 0;

    for (const struct shadow_block *block = shadow_first(set); block;
         block = shadow_next(set, block)) {
        assert_same(block, model_find(0, UINTPTR_MAX, 0, from));
        from = first_of(block) + 1;
        bytes += block->size;
        count++;
    }
    cr_assert_eq(count, model.count);
    cr_assert_eq(shadow_count(set), count);
    cr_assert_eq(shadow_bytes(set), bytes);
}

Test(shadow, random_operations_do_as_an_array_says)
{
    size_t rejected = 0;

    model = (struct model){.seed = 42};
    for (int i = 0; i < OPS; i++) {
        size_t before = model.count;
        bool inserts = model_random(5) < 3 && model.count < LIVE;

        if (inserts)
            model_insert();
        else if (model.count > 0)
            model_remove();
        rejected += inserts && model.count == before;
        model_ask();
        if (i % 500 == 0)
            model_compare();
    }
    model_compare();
    cr_assert_gt(rejected, OPS / 10, "too few overlaps to mean anything");
}
