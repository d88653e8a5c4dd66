/*
 * usable-large.c - mm_usable_size beyond the memory held.
 *
 * trace:
 *   a 0 24
 * message:
 *   usable-large.rep:5: op 1 (malloc 0, 24 bytes): mm_usable_size is 48, expected bytes the stage holds: the last one lies 15 bytes past the break (ADDRESS)
 *     replay: ./mdriver -D -f usable-large.rep --stage ./usable-large.so --until 1
 */
#define OWN_USABLE_SIZE
#include "base.h"

size_t mm_usable_size(const void *ptr)
{
    return base_usable_size(ptr) + 16;
}
