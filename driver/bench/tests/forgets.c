/*
 * forgets.c - a realloc that does not take the payload along.
 */
#include <stddef.h>

void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
    return __libc_malloc(size);
}

void *realloc(void *ptr, size_t size)
{
    (void)ptr;
    return malloc(size);
}
