/*
 * hot.c - the hot paths of malloc, for counting instructions.
 *
 *     hot CASE OPERATIONS [empty]
 *
 * Runs one case with so many operations, an operation being what the case
 * says: mostly an allocation and its free. With `empty`, functions that do
 * nothing stand in for those of malloc(3): what is counted then is the loop
 * itself. They cost EMPTY_COST instructions an operation, see `hot list`.
 *
 * icount.py runs this under callgrind, each case with two numbers of
 * operations. What the longer run counts more, less what the loop counts
 * more, is what malloc and free themselves execute.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "origin.h"

enum { BATCH = 512 };

/* Called through pointers, so that all cases have equal loops: the compiler
 * neither knows the functions nor leaves them out. */
struct calls {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *ptr, size_t size);
    void (*free)(void *ptr);
};

static const struct calls real_calls = {malloc, calloc, realloc, free};

/* --- Functions that do nothing ---------------------------------------- */

/* Two instructions each (move, return), free one. */
static void *empty_malloc(size_t size)
{
    return (void *)size;
}

static void *empty_calloc(size_t count, size_t size)
{
    (void)size;
    return (void *)count;
}

static void *empty_realloc(void *ptr, size_t size)
{
    (void)size;
    return ptr;
}

static void empty_free(void *ptr)
{
    (void)ptr;
}

static const struct calls empty_calls = {empty_malloc, empty_calloc,
                                         empty_realloc, empty_free};

/* --- One thread ------------------------------------------------------- */

static void *blocks[BATCH];

static void pairs(const struct calls *calls, size_t size, long operations)
{
    for (long i = 0; i < operations; i++)
        calls->free(calls->malloc(size));
}

static void pair64(const struct calls *calls, long operations)
{
    pairs(calls, 64, operations);
}

static void pair1024(const struct calls *calls, long operations)
{
    pairs(calls, 1024, operations);
}

static void batch_fill(const struct calls *calls)
{
    for (int i = 0; i < BATCH; i++)
        blocks[i] = calls->malloc(64);
}

static void batch_fifo(const struct calls *calls, long operations)
{
    for (long done = 0; done < operations; done += BATCH) {
        batch_fill(calls);
        for (int i = 0; i < BATCH; i++)
            calls->free(blocks[i]);
    }
}

static void batch_lifo(const struct calls *calls, long operations)
{
    for (long done = 0; done < operations; done += BATCH) {
        batch_fill(calls);
        for (int i = BATCH; i-- > 0;)
            calls->free(blocks[i]);
    }
}

static void callocs(const struct calls *calls, long operations)
{
    for (long i = 0; i < operations; i++)
        calls->free(calls->calloc(1, 64));
}

static void reallocs(const struct calls *calls, long operations)
{
    void *ptr = calls->malloc(64);

    for (long i = 0; i < operations; i++)
        ptr = calls->realloc(ptr, 60 + (size_t)(i & 3));
    calls->free(ptr);
}

/* --- Two threads ------------------------------------------------------ */

/*
 * They take turns by pipes: a read and a write have as many instructions
 * whoever is first, which locks and futexes do not.
 */
struct turns {
    const struct calls *calls;
    long operations;
    int there[2];
    int back[2];
};

static void turn_give(const int pipe_ends[2])
{
    if (write(pipe_ends[1], "", 1) != 1)
        abort();
}

static void turn_await(const int pipe_ends[2])
{
    char byte;

    if (read(pipe_ends[0], &byte, 1) != 1)
        abort();
}

static void *free_batches(void *arg)
{
    const struct turns *turns = arg;

    for (long done = 0; done < turns->operations; done += BATCH) {
        turn_await(turns->there);
        for (int i = 0; i < BATCH; i++)
            turns->calls->free(blocks[i]);
        turn_give(turns->back);
    }
    return NULL;
}

static void remote(const struct calls *calls, long operations)
{
    struct turns turns = {.calls = calls, .operations = operations};
    pthread_t other;

    if (pipe(turns.there) != 0 || pipe(turns.back) != 0 ||
        pthread_create(&other, NULL, free_batches, &turns) != 0)
        abort();
    for (long done = 0; done < operations; done += BATCH) {
        batch_fill(calls);
        turn_give(turns.there);
        turn_await(turns.back);
    }
    pthread_join(other, NULL);
}

/* --- The cases -------------------------------------------------------- */

static const struct hot_case {
    const char *name;
    const char *about;
    void (*run)(const struct calls *calls, long operations);
    int empty_cost; /* of the empty functions, instructions an operation */
} cases[] = {
    {"pair-64", "malloc(64) and free", pair64, 3},
    {"pair-1024", "malloc(1024) and free", pair1024, 3},
    {"fifo-64", "512 x malloc(64), then free, first to last", batch_fifo, 3},
    {"lifo-64", "512 x malloc(64), then free, last to first", batch_lifo, 3},
    {"remote-64", "512 x malloc(64), then free by another thread", remote, 3},
    {"calloc-64", "calloc(1, 64) and free", callocs, 3},
    {"realloc-64", "realloc(60 to 63), in place", reallocs, 2},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static int list(void)
{
    for (int i = 0; i < CASES; i++)
        printf("%s\t%d\t%s\n", cases[i].name, cases[i].empty_cost,
               cases[i].about);
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: hot list | hot CASE OPERATIONS [empty]; an "
                    "unknown case? `hot list` has them all\n");
    return 2;
}

int main(int argc, char **argv)
{
    bool empty = argc == 4 && strcmp(argv[3], "empty") == 0;

    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    for (int i = 0; i < CASES && (argc == 3 || empty); i++) {
        if (strcmp(argv[1], cases[i].name) == 0) {
            origin_print();
            cases[i].run(empty ? &empty_calls : &real_calls, atol(argv[2]));
            return 0;
        }
    }
    return usage();
}
