/*
 * fall.c [random] - what a program has freed goes back to the system: after a
 * peak of small blocks the process is small again, soon, if it goes on a
 * little. They are freed in the order in which they were allocated; random:
 * then, in another round, in any order.
 */
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "resident.h"

enum { BLOCK = 64, COUNT = 1 << 20, STEPS = 200, STEP_US = 10000 };

static char *blocks[COUNT];

static void rise(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = keep(malloc(BLOCK));
        expect(blocks[i] != NULL);
        memset(blocks[i], 1, BLOCK);
    }
}

static void shuffle(void)
{
    unsigned seed = 1;

    for (size_t i = COUNT - 1; i > 0; i--) {
        seed = seed * 1103515245 + 12345;
        size_t at = seed / 16 % (i + 1);
        char *block = blocks[i];
        blocks[i] = blocks[at];
        blocks[at] = block;
    }
}

static void fall(void)
{
    for (size_t i = 0; i < COUNT; i++)
        free(blocks[i]);
}

/* At most a fifth of the peak is left, two seconds later at the latest. */
static bool is_small_soon(size_t before, size_t peak)
{
    for (int i = 0; i < STEPS; i++) {
        if (resident() - before < (peak - before) / 5)
            return true;
        free(keep(malloc(BLOCK)));
        usleep(STEP_US);
    }
    fprintf(stderr, "%zu KiB at first, %zu at the peak, %zu left\n",
            before / 1024, peak / 1024, resident() / 1024);
    return false;
}

int main(int argc, char **argv)
{
    size_t before;

    (void)argv;
    memset(blocks, 0, sizeof(blocks)); /* have the pages */
    before = resident();
    for (int is_random = 0; is_random < argc; is_random++) {
        rise();
        size_t peak = resident();
        expect(peak - before > (size_t)COUNT * BLOCK / 2);
        if (is_random)
            shuffle();
        fall();
        expect(is_small_soon(before, peak));
    }
    return 0;
}
