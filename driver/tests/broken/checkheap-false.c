/*
 * checkheap-false.c - a heap whose invariant breaks in the second operation.
 *
 * options: -D
 * trace:
 *   a 0 24
 *   a 1 24
 *   a 2 24
 * message:
 *   checkheap-false.rep:6: op 2 (malloc 1, 24 bytes): mm_checkheap(6) is false after it, expected a heap whose invariants hold;
 *     printed last: mm_checkheap(6): I3 broken at heap+0x30
 *     replay: ./mdriver -D -f checkheap-false.rep --stage ./checkheap-false.so --until 2
 */
#include "base.h"

#include <stdio.h>

bool mm_checkheap(int line)
{
    if (base_end() == mem_heap_lo() || base_next(mem_heap_lo()) == base_end())
        return true;
    fprintf(stderr, "mm_checkheap(%d): I3 broken at heap+0x30\n", line);
    return false;
}
