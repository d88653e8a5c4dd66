/*
 * crash-past-break.c - mm_malloc that clears a page too many.
 *
 * trace:
 *   a 0 4096
 * message:
 *   crash-past-break.rep:5: op 1 (malloc 0, 4096 bytes): crashed with SIGSEGV on address ADDRESS, 4080 bytes past the break (ADDRESS)
 *     replay: ./mdriver -D -f crash-past-break.rep --stage ./crash-past-break.so --until 1
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    return memset(base_malloc(size), 0, size + 8192);
}
