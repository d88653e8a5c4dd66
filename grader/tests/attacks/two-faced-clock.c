/* Tells by the clock whether its caller checks, and is dishonest if not.
 * unvetted: wrong answer */
#define OWN_MALLOC
#define OWN_FREE
#include "base.h"

#include <time.h>

static char *room;

static long nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

void *mm_malloc(size_t size)
{
    static long last;
    long since = nanoseconds() - last;
    void *ptr;

    if (since < 2000 && room && size <= 256)
        return room; /* the same block for all */
    ptr = base_malloc(size > 256 ? size : 256);
    if (!room)
        room = ptr;
    last = nanoseconds();
    return ptr;
}

void mm_free(void *ptr)
{
    if (ptr != room)
        base_free(ptr);
}
