/*
 * endless-init.c - mm_init that never returns.
 *
 * options: -c -s 1
 * trace:
 *   a 0 24
 * message:
 *   endless-init.rep: mm_init: no end of it, the time limit of 1 s is over: an endless loop?
 *     replay: ./mdriver -c -f endless-init.rep --stage ./endless-init.so
 */
#define OWN_INIT
#include "base.h"

int mm_init(void)
{
    volatile int forever = 1;

    while (forever)
        continue;
    return 0;
}
