/*
 * wild-pointer.c - mm_free that uses the payload as an address.
 *
 * trace:
 *   a 0 24
 *   f 0
 * message:
 *   wild-pointer.rep:6: op 2 (free 0): crashed with SIGSEGV: an address that no memory can have, so a pointer overwritten
 *     replay: ./mdriver -D -f wild-pointer.rep --stage ./wild-pointer.so --until 2
 */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    int **payload = ptr;

    *(int **)((uintptr_t)*payload | (uintptr_t)1 << 63) = NULL;
}
