/*
 * asserts.c - an assertion that fails.
 *
 * trace:
 *   a 0 24
 *   f 0
 * message:
 *   asserts.rep:6: op 2 (free 0): crashed with SIGABRT: it called abort;
 *     printed last: mdriver: asserts.c:19: mm_free: Assertion `base_block(ptr)->used == 2' failed.
 *     replay: ./mdriver -D -f asserts.rep --stage ./asserts.so --until 2
 */
#define OWN_FREE
#include "base.h"

#include <assert.h>

void mm_free(void *ptr)
{
    assert(base_block(ptr)->used == 2);
}
