/*
 * divides-by-zero.c - mm_malloc that divides by zero.
 *
 * trace:
 *   a 0 24
 * message:
 *   divides-by-zero.rep:5: op 1 (malloc 0, 24 bytes): crashed with SIGFPE: a division by zero
 *     replay: ./mdriver -D -f divides-by-zero.rep --stage ./divides-by-zero.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

static volatile size_t classes;

void *mm_malloc(size_t size)
{
    return base_malloc(size % classes);
}
