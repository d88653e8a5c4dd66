/*
 * honest-once.c - mm_usable_size that is right on the first heap only: caught
 * by the last pass, as no timed one asks for it.
 *
 * options: -s 60
 * trace:
 *   a 0 24
 * message:
 *   honest-once.rep:5: op 1 (malloc 0, 24 bytes) in the last pass, after mm_init on a used heap: mm_usable_size is 16, expected at least the 24 bytes asked for
 *     replay: ./mdriver -f honest-once.rep --stage ./honest-once.so --until 1
 */
#define OWN_INIT
#define OWN_USABLE_SIZE
#include "base.h"

static int inits;

int mm_init(void)
{
    inits++;
    return 0;
}

size_t mm_usable_size(const void *ptr)
{
    return base_usable_size(ptr) - (inits > 1 ? 16 : 0);
}
