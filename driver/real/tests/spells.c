/*
 * spells.c - mm_realloc that changes a letter of what looks like text.
 *
 * Nothing crashes; only what a program prints is another.
 */
#define OWN_REALLOC
#include "../../tests/broken/base.h"

static int is_text(const char *p)
{
    int letters = 0;

    while (letters < 16 && p[letters] >= ' ' && p[letters] <= '~')
        letters++;
    return letters == 16;
}

void *mm_realloc(void *ptr, size_t size)
{
    char *p = base_realloc(ptr, size);

    if (p && ptr && size > 16 && is_text(p))
        p[8] = '?';
    return p;
}

/* Here so that the blocks are not wrapped in others; aligned ones are rare. */
void *mm_memalign(size_t align, size_t size)
{
    if (align <= 16)
        return base_malloc(size);
    errno = ENOMEM;
    return NULL;
}
