/*
 * test_contract.c - the contract of mm.h, held against one stage.
 *
 * Runs once for every stage, which MM_STAGE names; see model.h for what is
 * asserted of every block beside the assertions here.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memlib_sim.h"
#include "model.h"

enum { KIB = 1024, MIB = 1024 * KIB };

static const size_t GIB = (size_t)1024 * MIB;

/* The first stage that reuses what was freed. */
enum { FIRST_TO_REUSE = 2 };

/* Sizes from one class, bin or mapping to the next. */
static const size_t sizes[] = {
    1,        15,     16,        17,      24,          25,
    100,      512,    1000,      4 * KIB, 4 * KIB + 1, 32 * KIB - 8,
    64 * KIB, 200000, 256 * KIB, MIB - 1, MIB + 1,     3 * MIB,
};

/* Sizes that no machine has; the arithmetic of some wraps round. */
static const size_t huge_sizes[] = {
    PTRDIFF_MAX - 4095, PTRDIFF_MAX,     (size_t)PTRDIFF_MAX + 1,
    SIZE_MAX / 4 * 3,   SIZE_MAX - 4096, SIZE_MAX - 4095,
    SIZE_MAX - 64,      SIZE_MAX - 16,   SIZE_MAX - 15,
    SIZE_MAX - 8,       SIZE_MAX - 7,    SIZE_MAX - 1,
    SIZE_MAX,
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(contract, .init = model_open, .timeout = 300);

/* --- mm_malloc, mm_free, mm_usable_size ------------------------------- */

Test(contract, every_small_size_is_aligned_and_kept)
{
    for (size_t size = 1; size < MODEL_MAX; size++)
        model_malloc(size);
    model_check_heap();
    for (size_t i = 0; i < model_count; i++)
        model_free(i); /* every other one, as the last takes its place */
    model_check_heap();
    for (size_t size = 1; model_count < MODEL_MAX; size += 3)
        model_malloc(size);
    model_check_heap();
    model_free_all();
    model_check_heap();
}

Test(contract, every_large_size_is_aligned_and_kept)
{
    for (size_t size = 8 * KIB; size <= 16 * MIB; size *= 2) {
        model_malloc(size - 1);
        model_malloc(size);
        model_malloc(size + 1);
    }
    model_check_heap();
    model_free_all();
    model_check_heap();
}

Test(contract, zero_size_gives_null_or_a_block_of_its_own)
{
    void *zeros[] = {mm->malloc(0),        mm->malloc(0),
                     mm->calloc(0, 8),     mm->calloc(8, 0),
                     mm->realloc(NULL, 0), mm->memalign(16, 0)};

    model_malloc(1);
    for (size_t i = 0; i < COUNT_OF(zeros); i++) {
        if (zeros[i])
            model_add(zeros[i], 0);
    }
    model_check_heap();
    model_free_all();
    model_check_heap();
}

Test(contract, free_ignores_null)
{
    model_malloc(100);
    mm->free(NULL);
    model_check_heap();
}

Test(contract, free_keeps_errno)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t block = model_malloc(sizes[i]);
        errno = E2BIG;
        model_free(block);
        cr_assert_eq(errno, E2BIG, "free of %zu bytes set errno to %d",
                     sizes[i], errno);
    }
    errno = E2BIG;
    mm->free(NULL);
    cr_assert_eq(errno, E2BIG);
}

Test(contract, usable_bytes_are_usable_to_the_last)
{
    cr_assert_eq(mm->usable_size(NULL), 0);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        model_malloc(sizes[i]); /* neighbours on both sides stay as they are */
        unsigned char *ptr = mm->malloc(sizes[i]);
        model_malloc(sizes[i]);
        model_add(ptr, mm->usable_size(ptr));
    }
    model_check_heap();
    model_free_all();
    model_check_heap();
}

/* --- Sizes that cannot be had ----------------------------------------- */

Test(contract, huge_sizes_are_refused_with_enomem)
{
    size_t block = model_malloc(100);

    for (size_t i = 0; i < COUNT_OF(huge_sizes); i++) {
        size_t size = huge_sizes[i];
        errno = 0;
        assert_no_memory(mm->malloc(size));
        errno = 0;
        assert_no_memory(mm->calloc(1, size));
        errno = 0;
        assert_no_memory(mm->calloc(size, 1));
        for (size_t align = 1; align <= MIB; align *= 32) {
            errno = 0;
            assert_no_memory(mm->memalign(align, size));
        }
        errno = 0;
        assert_no_memory(mm->realloc(NULL, size));
        cr_assert(!model_try_realloc(block, size), "realloc to %zu", size);
    }
    model_check_heap();
    model_malloc(100);
    model_check_heap();
}

/* --- mm_realloc ------------------------------------------------------- */

Test(contract, realloc_of_null_is_malloc)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        model_add(mm->realloc(NULL, sizes[i]), sizes[i]);
    model_check_heap();
}

Test(contract, realloc_to_zero_frees)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t block = model_malloc(sizes[i]);
        cr_assert_null(mm->realloc(model[block].ptr, 0));
        model_count--;
        model_check_heap();
    }
}

/* From every size to every size: above it a free block, or one in use. */
static void check_realloc_pairs(bool free_above)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (size_t j = 0; j < COUNT_OF(sizes); j++) {
            model_malloc(sizes[i]);
            size_t block = model_malloc(sizes[i]);
            size_t above = model_malloc(sizes[j]);
            model_malloc(64);
            if (free_above) {
                model_free(above);
            }
            cr_assert(model_try_realloc(block, sizes[j]));
            model_check_heap();
            model_free_all();
        }
        model_restart();
    }
}

Test(contract, realloc_keeps_the_contents_with_free_memory_above)
{
    check_realloc_pairs(true);
}

Test(contract, realloc_keeps_the_contents_with_a_block_above)
{
    check_realloc_pairs(false);
}

Test(contract, realloc_byte_by_byte_keeps_the_contents)
{
    size_t block = model_malloc(1);

    for (size_t size = 2; size <= 2000; size++)
        cr_assert(model_try_realloc(model_count - 1, size));
    model_malloc(10);
    block = 0;
    for (size_t size = 1999; size >= 1; size--) {
        cr_assert(model_try_realloc(block, size));
        block = model_count - 1;
    }
    model_check_heap();
}

Test(contract, realloc_that_fails_leaves_the_block)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t block = model_malloc(sizes[i]);
        struct mem_counts counts = mem_counts();
        mem_set_limit(counts.heap + counts.mapped);
        cr_assert(!model_try_realloc(block, 64 * MIB));
        model_check_heap();
        mem_set_limit(0);
        cr_assert(model_try_realloc(block, 2 * sizes[i]));
        model_check_heap();
    }
}

/* --- mm_calloc -------------------------------------------------------- */

Test(contract, calloc_refuses_a_product_that_overflows)
{
    const size_t root = (size_t)1 << 32;
    const size_t pairs[][2] = {
        {SIZE_MAX, 2},     {2, SIZE_MAX},         {SIZE_MAX / 2 + 1, 2},
        {root, root},      {root + 1, root},      {SIZE_MAX, SIZE_MAX},
        {SIZE_MAX / 8, 9}, {3, SIZE_MAX / 3 + 1},
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        errno = 0;
        assert_no_memory(mm->calloc(pairs[i][0], pairs[i][1]));
    }
    model_check_heap();
}

static void calloc_and_check(size_t count, size_t size)
{
    unsigned char *ptr = mm->calloc(count, size);

    cr_assert_not_null(ptr);
    for (size_t i = 0; i < count * size; i++) {
        if (ptr[i] != 0)
            cr_assert_fail("calloc(%zu, %zu): byte %zu is 0x%02x", count, size,
                           i, ptr[i]);
    }
    model_add(ptr, count * size);
}

Test(contract, calloc_zeroes_used_memory)
{
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT_OF(sizes); i++)
            model_malloc(sizes[i]);
        model_free_all(); /* the patterns stay behind in freed memory */
        for (size_t i = COUNT_OF(sizes); i-- > 0;) {
            calloc_and_check(sizes[i], 1);
            calloc_and_check((sizes[i] + 2) / 3, 3);
        }
        model_check_heap();
        model_free_all();
    }
}

/* --- mm_memalign ------------------------------------------------------ */

Test(contract, memalign_refuses_what_is_no_power_of_two)
{
    const size_t wrong[] = {0, 3, 24, 48, 100, 4097, MIB + 1, SIZE_MAX};

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        errno = 0;
        cr_assert_null(mm->memalign(wrong[i], 64));
        cr_assert_eq(errno, EINVAL, "align %zu: errno is %d", wrong[i], errno);
    }
    model_check_heap();
}

/* One block for every size at a multiple of align, and its life. */
static void check_memalign(size_t align)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        void *ptr = mm->memalign(align, sizes[i]);
        cr_assert_not_null(ptr, "memalign(%zu, %zu)", align, sizes[i]);
        cr_assert_eq((uintptr_t)ptr % align, 0, "memalign(%zu, %zu) is %p",
                     align, sizes[i], ptr);
        model_add(ptr, sizes[i]);
        model_malloc(40);
    }
    model_check_heap();
    for (size_t i = 0; i < 2 * COUNT_OF(sizes); i++)
        cr_assert(model_try_realloc(0, sizes[i / 2] + 100));
    model_check_heap();
    model_free_all();
    model_check_heap();
}

/* libmm's default stops at MM_ALIGN; the stages of this lab all go on. */
Test(contract, memalign_up_to_1_mib)
{
    for (size_t align = 1; align <= MIB; align *= 2)
        check_memalign(align);
}

/* --- Running out of memory -------------------------------------------- */

static size_t malloc_until_refused(size_t size)
{
    size_t count = 0;

    for (;;) {
        errno = 0;
        void *ptr = mm->malloc(size);
        if (!ptr) {
            assert_no_memory(ptr);
            return count;
        }
        model_add(ptr, size);
        count++;
    }
}

static void check_exhaustion(size_t size, size_t limit)
{
    mem_set_limit(limit);
    size_t first = malloc_until_refused(size);
    cr_assert_geq(first, limit / size / 4, "%zu blocks of %zu bytes", first,
                  size);
    model_check_heap();
    if (mm->info->number >= FIRST_TO_REUSE) {
        model_free_all();
        model_check_heap();
        cr_assert_geq(malloc_until_refused(size), first);
    }
    mem_set_limit(0);
    model_malloc(size);
    model_check_heap();
    model_restart();
}

Test(contract, exhaustion_says_enomem_and_is_recovered_from)
{
    check_exhaustion(120, 256 * KIB);
    check_exhaustion(1000, MIB);
    check_exhaustion(5000, 4 * MIB);
    check_exhaustion(300 * KIB, 16 * MIB);
}

/* A short life of a heap in which any call may be refused. */
static void run_script(void)
{
    for (size_t i = 0; i < 60; i++) {
        size_t size = 1 + random_below(i % 10 == 9 ? 160 * KIB : 3000);
        void *ptr = NULL;

        errno = 0;
        if (i % 3 == 2 && model_count > 0) {
            model_try_realloc(random_below(model_count), size);
            continue;
        }
        if (i % 5 == 4 && model_count > 0) {
            model_free(random_below(model_count));
            continue;
        }
        ptr = i % 4 == 3 ? mm->calloc(size, 1) : mm->malloc(size);
        if (ptr)
            model_add(ptr, size);
        else
            assert_no_memory(ptr);
    }
}

Test(contract, a_limit_at_any_point_leaves_the_heap_sound)
{
    enum { STEP = 1008 }; /* bytes; no multiple of a page, to hit odd places */

    run_script();
    for (size_t limit = mem_counts().peak; limit > STEP; limit -= STEP) {
        model_count = 0;
        mem_reset(MEM_CHECKED);
        mem_set_limit(limit);
        errno = 0;
        if (!mm->init()) {
            assert_no_memory(NULL);
            continue;
        }
        run_script();
        model_check_heap();
        mem_set_limit(0);
        model_malloc(2000);
        model_free_all();
        model_check_heap();
    }
}

/* --- Large heaps ------------------------------------------------------ */

Test(contract, blocks_of_more_than_4_gib_in_total)
{
    for (size_t i = 0; i < 6; i++) {
        model_malloc(100);
        model_malloc(GIB + i);
    }
    model_check_heap();
    model_free_all();
    model_check_heap();
}

Test(contract, one_block_of_more_than_4_gib)
{
    model_malloc(100);
    model_malloc(5 * GIB + 3);
    model_malloc(100);
    model_check_heap();
    model_free(1);
    model_check_heap();
}

/* --- A new heap ------------------------------------------------------- */

Test(contract, mm_init_starts_afresh)
{
    enum { BLOCKS = 200 };
    uintptr_t first[BLOCKS];

    for (int heap = 0; heap < 3; heap++) {
        model_restart();
        model_check_heap();
        for (size_t i = 0; i < BLOCKS; i++) {
            size_t size = i % 20 == 19 ? 2 * MIB : 1 + i * 37 % 6000;
            uintptr_t ptr = (uintptr_t)model[model_malloc(size)].ptr;
            if (heap == 0)
                first[i] = ptr;
            cr_assert_eq(ptr, first[i], "block %zu of heap %d: %#zx, %s", i,
                         heap, ptr, "not where the first heap had it");
        }
        for (size_t i = 0; i < model_count; i++)
            model_free(i); /* half of them; the others live to the reset */
    }
}

/* --- Everything at random --------------------------------------------- */

/* 1 byte to 1 MiB; 49 in 50 at most 4 KiB. */
static size_t random_size(void)
{
    size_t most = random_below(50) > 0 ? 4 * KIB : MIB;

    return 1 + random_below(1 + random_below(most));
}

static void random_operation(void)
{
    enum { MOST_LIVE = 400 };
    size_t size = random_size();
    size_t kind = random_below(model_count < MOST_LIVE ? 10 : 5);

    if (model_count == 0 || kind >= 6)
        model_malloc(size);
    else if (kind == 5 && size % 2 == 0)
        model_add(mm->calloc(size, 1), size);
    else if (kind == 5)
        model_add(mm->memalign((size_t)1 << random_below(14), size), size);
    else if (kind >= 3)
        cr_assert(model_try_realloc(random_below(model_count), size));
    else
        model_free(random_below(model_count));
}

Test(contract, a_hundred_thousand_random_operations)
{
    enum { OPERATIONS = 100000, CHECKED = 500, HEAP_MAX = 512 * MIB };

    for (int i = 0; i < OPERATIONS; i++) {
        random_operation();
        if (i % CHECKED == 0)
            model_check_heap();
        if (mem_counts().peak > HEAP_MAX) /* a stage that reuses nothing */
            model_restart();
    }
    model_free_all();
    model_check_heap();
}
