/*
 * unresolved.c - a stage that calls a function there is not.
 *
 * trace:
 *   a 0 24
 * message:
 *   unresolved.rep: before mm_init: the stage cannot be loaded: unresolved.so: undefined symbol: nowhere
 *     replay: ./mdriver -c -f unresolved.rep --stage ./unresolved.so
 */
#define OWN_MALLOC
#include "base.h"

void *nowhere(size_t size);

void *mm_malloc(size_t size)
{
    return nowhere(size);
}
