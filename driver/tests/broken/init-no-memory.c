/*
 * init-no-memory.c - sound: mm_init needs more than there is, and says so.
 *
 * options: -c --limit 8K
 * trace:
 *   a 0 24
 * message:
 *   init-no-memory.rep: mm_init: out of memory (limit 8192); --limit grants more
 *     replay: ./mdriver -c -f init-no-memory.rep --stage ./init-no-memory.so --limit 8192
 */
#define OWN_INIT
#include "base.h"

int mm_init(void)
{
    return mem_sbrk(10000) == (void *)-1 ? -1 : 0;
}
