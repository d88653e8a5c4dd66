/*
 * longer.c - a stage whose mm_malloc and mm_free take LENGTH cycles of the
 * processor longer, in a chain of subtractions that wait for each other. SOURCE
 * is the stage's mm.c. See threads.sh.
 */
#define mm_malloc inner_malloc
#define mm_free inner_free
#include SOURCE
#undef mm_malloc
#undef mm_free

static void chain(long length)
{
    if (length > 0)
        __asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(length) : : "cc");
}

void *mm_malloc(size_t size);
void mm_free(void *ptr);

void *mm_malloc(size_t size)
{
    chain(LENGTH);
    return inner_malloc(size);
}

void mm_free(void *ptr)
{
    chain(LENGTH);
    inner_free(ptr);
}
