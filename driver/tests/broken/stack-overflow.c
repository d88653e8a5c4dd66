/*
 * stack-overflow.c - mm_malloc that calls itself without end.
 *
 * trace:
 *   a 0 24
 * message:
 *   stack-overflow.rep:5: op 1 (malloc 0, 24 bytes): crashed with SIGSEGV: the stack overflowed, an endless recursion or a huge local variable
 *     replay: ./mdriver -D -f stack-overflow.rep --stage ./stack-overflow.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

static void *descend(size_t size, volatile char *above)
{
    volatile char frame[1000];

    frame[0] = above[0];
    void *p = size > 0 ? descend(size + 1, frame) : NULL;
    return frame[0] == 0 ? p : NULL;
}

void *mm_malloc(size_t size)
{
    volatile char none = 0;

    return descend(size, &none);
}
