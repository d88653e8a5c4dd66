/*
 * dirty.c - a calloc whose last byte is not always zero.
 */
#include <stddef.h>
#include <string.h>

void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    static unsigned calls;
    char *ptr = malloc(count * size);

    if (ptr) {
        memset(ptr, 0, count * size);
        if (count * size > 0)
            ptr[count * size - 1] = ++calls % 16 == 0;
    }
    return ptr;
}
