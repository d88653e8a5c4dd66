/* model.c - see model.h. */
#include "model.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memlib_sim.h"
#include "pattern.h"

const struct stage *mm;
struct live model[MODEL_MAX];
size_t model_count;

static uint64_t random_state;
static size_t blocks_added; /* so far; each gets a seed of its own */

/* --- Opening ---------------------------------------------------------- */

size_t random_below(size_t limit)
{
    random_state ^= random_state << 13; /* Marsaglia's xorshift64 */
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

void model_open(void)
{
    char error[1024] = "MM_STAGE is not set";
    const char *path = getenv("MM_STAGE");
    const char *why = NULL;

    mm = path ? stage_load(path, error, sizeof(error)) : NULL;
    cr_assert(mm, "%s", error);
    cr_assert(mem_open(&(struct mem_options){0}, &why), "%s", why);
    random_state = 88172645463325252u;
    model_restart();
}

void model_restart(void)
{
    model_count = 0;
    mem_set_limit(0);
    mem_reset(MEM_CHECKED);
    cr_assert(mm->init(), "mm_init failed");
}

/* --- Blocks ----------------------------------------------------------- */

static void assert_disjoint(const unsigned char *ptr, size_t size)
{
    for (size_t i = 0; i < model_count; i++) {
        const struct live *other = &model[i];
        if (ptr == other->ptr ||
            (ptr < other->ptr + other->size && other->ptr < ptr + size))
            cr_assert_fail("block %p of %zu bytes overlaps block %p of %zu",
                           (const void *)ptr, size, (void *)other->ptr,
                           other->size);
    }
}

size_t model_add(void *ptr, size_t size)
{
    size_t usable = mm->usable_size(ptr);
    struct live block = {ptr, size, pattern_seed(0, blocks_added++)};

    cr_assert_lt(model_count, (size_t)MODEL_MAX);
    cr_assert_not_null(ptr, "no block of %zu bytes", size);
    cr_assert_eq((uintptr_t)ptr % mm->alignment, 0, "%p of %zu bytes: %s", ptr,
                 size, "misaligned");
    cr_assert_geq(usable, size, "%zu bytes asked for, %zu usable", size,
                  usable);
    cr_assert(mem_contains(ptr, usable), "%p + %zu: outside the footprint", ptr,
              usable);
    assert_disjoint(ptr, usable);
    pattern_fill(ptr, size, block.seed);
    model[model_count] = block;
    return model_count++;
}

void model_check_kept(size_t i, size_t bytes)
{
    const struct live *block = &model[i];
    size_t wrong =
        pattern_find((char *)block->ptr, block->size, block->seed, 0, bytes);

    if (wrong < bytes)
        cr_assert_fail("block %p of %zu bytes: payload changed at byte %zu",
                       (void *)block->ptr, block->size, wrong);
}

size_t model_malloc(size_t size)
{
    return model_add(mm->malloc(size), size);
}

bool model_try_realloc(size_t i, size_t size)
{
    struct live *block = &model[i];

    errno = 0;
    unsigned char *moved = mm->realloc(block->ptr, size);
    if (!moved) {
        assert_no_memory(moved);
        model_check_kept(i, block->size);
        return false;
    }
    block->ptr = moved;
    model_check_kept(i, block->size < size ? block->size : size);
    *block = model[--model_count];
    model_add(moved, size);
    return true;
}

void model_free(size_t i)
{
    model_check_kept(i, model[i].size);
    mm->free(model[i].ptr);
    model[i] = model[--model_count];
}

void model_free_all(void)
{
    while (model_count > 0)
        model_free(model_count - 1);
}

/* --- The whole heap --------------------------------------------------- */

/* What mm_walk has shown so far. */
struct walked {
    const char *end; /* of the last extent */
    size_t bytes;    /* of all of them */
    size_t used;     /* extents in use */
    size_t found;    /* of those, with a block of the model inside */
};

/* Is that payload inside that extent, to its last usable byte? */
static bool extent_holds(const struct mm_extent *extent,
                         const struct live *block)
{
    const char *start = extent->address;
    const char *ptr = (const char *)block->ptr;

    return ptr >= start && ptr + mm->usable_size(ptr) <= start + extent->bytes;
}

static void visit_extent(const struct mm_extent *extent, void *arg)
{
    struct walked *walked = arg;
    const char *start = extent->address;

    cr_assert_geq(start, walked->end, "mm_walk: %p is not in address order",
                  extent->address);
    cr_assert(mem_contains(start, extent->bytes), "mm_walk: %p is outside",
              extent->address);
    walked->end = start + extent->bytes;
    walked->bytes += extent->bytes;
    if (extent->use != MM_USED)
        return;
    walked->used++;
    for (size_t i = 0; i < model_count; i++)
        walked->found += extent_holds(extent, &model[i]);
}

void model_check_heap(void)
{
    struct walked walked = {0};
    struct mem_counts counts = mem_counts();

    cr_assert(mm->checkheap(__LINE__), "mm_checkheap is false");
    mm->walk(visit_extent, &walked);
    cr_assert_eq(walked.bytes, counts.heap + counts.mapped,
                 "mm_walk shows %zu bytes, the footprint is %zu", walked.bytes,
                 counts.heap + counts.mapped);
    cr_assert_eq(walked.used, model_count,
                 "mm_walk shows %zu blocks in use, there are %zu", walked.used,
                 model_count);
    cr_assert_eq(walked.found, model_count,
                 "mm_walk finds %zu of the %zu live blocks", walked.found,
                 model_count);
    for (size_t i = 0; i < model_count; i++)
        model_check_kept(i, model[i].size);
}

void assert_no_memory(const void *ptr)
{
    cr_assert_null(ptr);
    cr_assert_eq(errno, ENOMEM, "errno is %d, not ENOMEM", errno);
}
