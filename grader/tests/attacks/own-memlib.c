/* Brings a memlib of its own, so that the driver counts nothing.
 * vet: defined-symbol
 * unvetted: wrong answer */
#include "base.h"

static char pool[1 << 20] __attribute__((aligned(16)));
static size_t used;

void *mem_sbrk(intptr_t bytes)
{
    used += (size_t)bytes;
    return pool + used - (size_t)bytes;
}
