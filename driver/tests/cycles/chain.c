/*
 * chain.c - an mm.c whose calls take a known time: a chain of additions, one
 * cycle of the processor each, 400 in mm_malloc and 100 in mm_free, over a
 * single block. See cycles.sh.
 */
#include "mm.h"

#include "memlib.h"

enum { BLOCK = 4096, MALLOC_LENGTH = 400, FREE_LENGTH = 100 };

static void *block;

static void chain(long length)
{
    /* The decrement waits for itself, so a round takes one cycle. */
    __asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(length) : : "cc");
}

int mm_init(void)
{
    block = mem_sbrk(BLOCK);
    return block == (void *)-1 ? -1 : 0;
}

void *mm_malloc(size_t size)
{
    chain(MALLOC_LENGTH);
    return size <= BLOCK ? block : NULL;
}

void mm_free(void *ptr)
{
    (void)ptr;
    chain(FREE_LENGTH);
}

size_t mm_usable_size(const void *ptr)
{
    return ptr ? BLOCK : 0;
}
