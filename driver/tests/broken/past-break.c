/*
 * past-break.c - mm_malloc that writes its end mark past the break.
 *
 * trace:
 *   a 0 64
 *   a 1 64
 * message:
 *   past-break.rep:5: op 1 (malloc 0, 64 bytes): a byte was written right at the break (ADDRESS), expected none past the break;
 *     it lies right past the end of block 0 (64 bytes, allocated at line 5)
 *     replay: ./mdriver -D -f past-break.rep --stage ./past-break.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    void *p = base_malloc(size);

    if (base_end() != mem_heap_lo())
        base_end()->room = 1;
    return p;
}
