/*
 * writes-steps.c - takes it for an error when it can make the steps writable.
 *
 * referee: valid
 * options: -c
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_INIT
#include "../broken/base.h"

#include <sys/mman.h>

int mm_init(void)
{
    return mprotect(the_terms(), 4096, PROT_READ | PROT_WRITE) == 0 ? -1 : 0;
}
