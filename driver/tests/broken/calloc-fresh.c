/*
 * calloc-fresh.c - mm_calloc that takes memory new from memlib for zero: true
 * of the first pass only.
 *
 * options: -s 60
 * trace:
 *   c 0 16 4
 * message:
 *   calloc-fresh.rep:5: op 1 (calloc 0, 16 x 4 bytes) in timed pass 2: payload bytes ANY to ANY are not zero, expected all of a calloc's to be
 *     replay: ./mdriver -f calloc-fresh.rep --stage ./calloc-fresh.so --until 1
 */
#include "base.h"

void *mm_calloc(size_t count, size_t size)
{
    return base_malloc(count * size);
}
