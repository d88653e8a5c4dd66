/*
 * test_misuse.c - what a stage with guarded headers says of a caller's bug.
 *
 * mm.h lets a stage do anything with a pointer that is no live block's. Stage
 * 4 promises more: one line on standard error that names the block, and
 * abort(). So does stage 7 of the large block that it keeps for a while. Of the
 * others nothing is asked here.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model.h"

/* The stage with guarded headers, and the one that keeps a large block. */
enum { GUARDED = 4, KEEPER = 7 };

TestSuite(misuse, .init = model_open, .timeout = 60);

/* The blocks that a misuse is tried on, neighbours in this order. */
static unsigned char *below, *block, *above;

static void neighbours(size_t size)
{
    below = mm->malloc(size);
    block = mm->malloc(size);
    above = mm->malloc(size);
    cr_assert(below && block && above && mm->malloc(size));
}

/* Run misuse in a child that must abort; what it wrote to standard error. */
static const char *said_by(void (*misuse)(void))
{
    static char said[4096];
    int ends[2], status;
    size_t length = 0;
    ssize_t got;

    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_neq(child, -1);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        misuse();
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = '\0';
    close(ends[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
              "expected abort(), wait status is 0x%x", (unsigned)status);
    return said;
}

/* Assert that misuse is said to be caller's, of the block at ptr. */
static void expect(void (*misuse)(void), const char *format, const void *ptr)
{
    char wanted[256];

    snprintf(wanted, sizeof wanted, format, ptr);
    const char *said = said_by(misuse);
    cr_assert(strncmp(said, wanted, strlen(wanted)) == 0,
              "expected \"%s...\", found \"%s\"", wanted, said);
    cr_assert_eq(strchr(said, '\n'), said + strlen(said) - 1, "one line");
}

static void free_twice(void)
{
    mm->free(block);
    mm->free(block);
}

static void free_twice_between_free_blocks(void)
{
    mm->free(below);
    mm->free(above);
    free_twice();
}

static void free_the_last_twice(void)
{
    void *last = mm->malloc(100);

    block = last;
    free_twice();
}

static void realloc_after_free(void)
{
    mm->free(block);
    mm->realloc(block, 1000);
}

static void free_after_a_byte_too_many(void)
{
    block[-8] ^= 1;
    mm->free(block);
}

static void free_below_after_a_byte_too_many(void)
{
    block[-8] ^= 1;
    mm->free(below);
}

static void free_after_a_write_below(void)
{
    block[-1] = 0x41;
    mm->free(block);
}

static void realloc_after_a_string_too_long(void)
{
    memset(below, 'A', 48 + 8);
    mm->realloc(block, 10);
}

static void free_of_an_address_within(void)
{
    memset(block, 'A', 48);
    mm->free(block + 16);
}

Test(misuse, a_second_free_is_noticed)
{
    neighbours(40);
    if (mm->info->number != GUARDED)
        return;
    expect(free_twice, "mm_free: block %p is already free", block);
    expect(free_twice_between_free_blocks, "mm_free: block %p is already free",
           block);
    expect(realloc_after_free, "mm_realloc: block %p is already free", block);
    cr_assert(strstr(said_by(free_the_last_twice), "is already free"));
}

Test(misuse, a_second_free_of_a_large_block_is_noticed)
{
    neighbours((size_t)2 << 20);
    if (mm->info->number == KEEPER)
        expect(free_twice, "mm_free: %p is not a block in use", block);
}

Test(misuse, a_smashed_header_is_noticed)
{
    static const char *const by_free = "mm_free: header of block %p is smashed";

    neighbours(40);
    if (mm->info->number != GUARDED)
        return;
    expect(free_after_a_byte_too_many, by_free, block);
    expect(free_below_after_a_byte_too_many, by_free, block);
    expect(free_after_a_write_below, by_free, block);
    expect(free_of_an_address_within, by_free, block + 16);
    expect(realloc_after_a_string_too_long,
           "mm_realloc: header of block %p is smashed", block);
}
