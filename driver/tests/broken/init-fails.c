/*
 * init-fails.c - mm_init that fails.
 *
 * trace:
 *   a 0 24
 * message:
 *   init-fails.rep: mm_init: failed with errno 12 (Cannot allocate memory), expected a heap
 *     replay: ./mdriver -D -f init-fails.rep --stage ./init-fails.so
 */
#define OWN_INIT
#include "base.h"

int mm_init(void)
{
    errno = ENOMEM;
    return -1;
}
