/*
 * large.c - a large block that is freed serves the next of its size, without
 * a page fault for each of its pages, but not one that is much smaller;
 * calloc's is zero all the same; and what nobody wants back goes to the system:
 * soon, or when the heap grows.
 */
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "expect.h"
#include "resident.h"

enum {
    BLOCK = 8 << 20,
    LESS = BLOCK - BLOCK / 16, /* about as large */
    PAGE = 4096,
    ROUNDS = 10,
    SMALL = 64,
    STEPS = 200,
    STEP_US = 10000,
};

static long faults(void)
{
    struct rusage usage;

    expect(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_minflt;
}

/* Allocate it, write all of it, and free it. */
static void use(size_t bytes)
{
    char *block = keep(malloc(bytes));

    expect(block != NULL);
    memset(block, 1, bytes);
    keep(block);
    free(block);
}

static void expect_kept(void)
{
    use(BLOCK);
    long before = faults();
    for (int i = 0; i < ROUNDS; i++)
        use(i % 2 == 0 ? LESS : BLOCK);
    expect(faults() - before < BLOCK / PAGE);
}

static void expect_fit(void)
{
    use(BLOCK);
    char *block = keep(malloc(BLOCK / 2));
    expect(block != NULL && malloc_usable_size(block) < BLOCK / 4 * 3);
    free(block);
}

static void expect_zero(void)
{
    use(BLOCK);
    char *block = keep(calloc(1, BLOCK));
    expect(block != NULL);
    for (size_t i = 0; i < BLOCK; i++)
        expect(block[i] == 0);
    free(block);
}

static void expect_gone_soon(void)
{
    use(BLOCK);
    size_t before = resident();
    for (int i = 0; i < STEPS && resident() + BLOCK / 2 > before; i++) {
        usleep(STEP_US);
        for (int turn = 0; turn < PAGE; turn++)
            free(keep(malloc(SMALL)));
    }
    expect(resident() + BLOCK / 2 <= before);
}

static void expect_gone_for_growth(void)
{
    use(BLOCK);
    size_t before = resident();
    for (size_t i = 0; i < BLOCK / 2 / SMALL; i++)
        expect(keep(malloc(SMALL)) != NULL);
    expect(resident() < before);
}

int main(void)
{
    resident(); /* what it and SMALL take makes the heap grow */
    free(keep(malloc(SMALL)));
    expect_kept();
    expect_fit();
    expect_zero();
    expect_gone_soon();
    expect_gone_for_growth();
    return 0;
}
