/* Serves blocks from the C library's malloc, under another name.
 * vet: undefined-symbol
 * unvetted: wrong answer */
#define OWN_INIT
#define OWN_MALLOC
#define OWN_FREE
#define OWN_REALLOC
#include "base.h"

extern void *theirs(size_t size) __asm__("malloc");
extern void release(void *ptr) __asm__("free");
extern void *again(void *ptr, size_t size) __asm__("realloc");

int mm_init(void)
{
    return 0;
}

void *mm_malloc(size_t size)
{
    return theirs(size);
}

void mm_free(void *ptr)
{
    release(ptr);
}

void *mm_realloc(void *ptr, size_t size)
{
    return again(ptr, size);
}
