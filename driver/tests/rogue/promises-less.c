/*
 * promises-less.c - lowers the alignment that it is held to, before anybody
 * reads it.
 *
 * referee: wrong
 * says: promises an alignment of neither 8 nor 16
 * options: -c
 * trace:
 *   a 0 24
 */
#include "../broken/base.h"

#include <sys/mman.h>

#include "stage.h"

extern const struct stage mm_stage;

__attribute__((constructor)) static void lower(void)
{
    size_t *alignment = (size_t *)(uintptr_t)&mm_stage.alignment;
    char *page = (char *)((uintptr_t)alignment & ~(uintptr_t)4095);

    mprotect(page, 2 * 4096, PROT_READ | PROT_WRITE);
    *alignment = 1;
}
