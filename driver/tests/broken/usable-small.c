/*
 * usable-small.c - mm_usable_size below what was asked for.
 *
 * trace:
 *   a 0 24
 * message:
 *   usable-small.rep:5: op 1 (malloc 0, 24 bytes): mm_usable_size is 16, expected at least the 24 bytes asked for
 *     replay: ./mdriver -D -f usable-small.rep --stage ./usable-small.so --until 1
 */
#define OWN_USABLE_SIZE
#include "base.h"

size_t mm_usable_size(const void *ptr)
{
    return base_usable_size(ptr) - 16;
}
