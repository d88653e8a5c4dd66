/*
 * walk-outside.c - mm_walk that shows a table outside the footprint.
 *
 * options: -D
 * trace:
 *   a 0 24
 * message:
 *   walk-outside.rep:5: op 1 (malloc 0, 24 bytes): mm_walk shows 64 bytes overhead, in no memory of the stage (ADDRESS), expected memory that the stage holds
 *     replay: ./mdriver -D -f walk-outside.rep --stage ./walk-outside.so --until 1
 */
#define OWN_WALK
#include "base.h"

void mm_walk(mm_visit *visit, void *arg)
{
    static char table[64];
    struct mm_extent extent = {table, sizeof(table), MM_OVERHEAD};

    visit(&extent, arg);
    base_walk(visit, arg);
}
