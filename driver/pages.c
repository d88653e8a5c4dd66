/* pages.c - memory for the driver itself; see pages.h. */
#define _GNU_SOURCE
#include "pages.h"

#include <sys/mman.h>

/* The kernel maps no empty range. */
static size_t at_least_one(size_t bytes)
{
    return bytes > 0 ? bytes : 1;
}

void *pages_get(size_t bytes)
{
    void *pages = mmap(NULL, at_least_one(bytes), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return pages != MAP_FAILED ? pages : NULL;
}

void pages_give(void *pages, size_t bytes)
{
    if (pages)
        munmap(pages, at_least_one(bytes));
}
