/*
 * past-break-opened.c - opens pages past the break, to keep its books there.
 *
 * referee: crash
 * options: -c
 * trace:
 *   a 0 24
 *   a 1 24
 */
#define OWN_MALLOC
#include "../broken/base.h"

#include <sys/mman.h>

void *mm_malloc(size_t size)
{
    void *p = base_malloc(size);
    char *end = (char *)(((uintptr_t)mem_heap_hi() | 4095) + 1);

    mprotect(end, 4096, PROT_READ | PROT_WRITE);
    *end = 1;
    return p;
}
