/*
 * twice.c - a malloc that gives every 50th block to two callers.
 *
 * Nothing is freed, so glibc does not notice it first.
 */
#include <stdatomic.h>
#include <stddef.h>

void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
    static _Atomic(void *) last[1024];
    static atomic_uint calls;

    if (size >= 1024)
        return __libc_malloc(size);
    if (atomic_fetch_add(&calls, 1) % 50 == 49 && last[size])
        return last[size];

    void *block = __libc_malloc(size);
    last[size] = block;
    return block;
}

void free(void *ptr)
{
    (void)ptr;
}
