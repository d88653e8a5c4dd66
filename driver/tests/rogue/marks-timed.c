/*
 * marks-timed.c - realloc that loses a byte of what it moves, unless
 * somebody asks for usable sizes, as only who checks does.
 *
 * referee: wrong
 * trace:
 *   a 0 3000
 *   a 1 100
 *   r 0 4000
 *   a 2 100
 *   r 0 5000
 *   a 3 100
 *   r 0 6000
 *   a 4 100
 *   r 0 7000
 *   f 0
 *   f 1
 *   f 2
 *   f 3
 *   f 4
 */
#define OWN_INIT
#define OWN_REALLOC
#define OWN_USABLE_SIZE
#include "../broken/base.h"

#include <stdbool.h>

static bool is_checked;

int mm_init(void)
{
    is_checked = false;
    return 0;
}

size_t mm_usable_size(const void *ptr)
{
    is_checked = true;
    return base_usable_size(ptr);
}

void *mm_realloc(void *ptr, size_t size)
{
    char *p = base_realloc(ptr, size);

    if (p && !is_checked && size >= 4000)
        p[2000] ^= 1;
    return p;
}
