/*
 * timed-overlap.c - honest when checked, the same block each time when timed.
 *
 * options: -s 60
 * trace:
 *   a 0 24
 *   a 1 24
 * message:
 *   timed-overlap.rep:6: op 2 (malloc 1, 24 bytes) in timed pass 2: the block ADDRESS to ADDRESS overlaps block 0, which is live (ADDRESS to ADDRESS, 24 bytes, allocated at line 5)
 *     replay: ./mdriver -f timed-overlap.rep --stage ./timed-overlap.so --until 2
 */
#define OWN_INIT
#define OWN_MALLOC
#include "base.h"

static int inits;

int mm_init(void)
{
    inits++;
    return 0;
}

void *mm_malloc(size_t size)
{
    if (inits == 1 || base_end() == mem_heap_lo())
        return base_malloc(size);
    return (struct base_block *)mem_heap_lo() + 1;
}
