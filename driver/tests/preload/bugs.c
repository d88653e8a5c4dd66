/*
 * bugs.c NAME... - do to the heap what a program must not, for a tool to see.
 */
#include <stddef.h>
#include <string.h>

#include "expect.h"

/* Used, so that the compiler cannot know what is done to a block. */
static volatile size_t twenty = 20;

static char *block(size_t size)
{
    char *ptr = keep(malloc(size));

    expect(ptr != NULL);
    memset(ptr, 1, size);
    return ptr;
}

static void correct(void)
{
    char *ptr = block(twenty);

    ptr[19] = 2;
    free(ptr);
}

static void overrun20(void)
{
    block(twenty)[twenty] = 1;
}

static void overrun24(void)
{
    block(twenty + 4)[twenty + 4] = 1;
}

static void underrun(void)
{
    block(twenty)[(ptrdiff_t)twenty - 21] = 1;
}

static void after_free(void)
{
    volatile char *ptr = block(twenty);

    free(keep((char *)ptr));
    ptr[3];
}

static void after_realloc(void)
{
    char *ptr = block(twenty);

    free(realloc(keep(ptr), 21));
    ptr[3] = 1;
}

static void double_free(void)
{
    char *ptr = block(twenty);

    free(keep(ptr));
    free(keep(ptr));
}

static void inner_free(void)
{
    free(keep(block(8 * twenty) + 64));
}

static const struct {
    const char *name;
    void (*run)(void);
} bugs[] = {
    {"correct", correct},         {"overrun20", overrun20},
    {"overrun24", overrun24},     {"underrun", underrun},
    {"after_free", after_free},   {"after_realloc", after_realloc},
    {"double_free", double_free}, {"inner_free", inner_free},
};

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        for (size_t j = 0; j < sizeof(bugs) / sizeof(bugs[0]); j++) {
            if (strcmp(argv[i], bugs[j].name) == 0)
                bugs[j].run();
        }
    }
    return 0;
}
