/* Tells by the clock whether its caller checks, and is dishonest if not.
 * unvetted: wrong answer, out of memory, ok */
#define OWN_MALLOC
#include "base.h"

#include <time.h>

static long nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

void *mm_malloc(size_t size)
{
    static long last;
    static char *room;
    long since = nanoseconds() - last;
    void *ptr;

    if (since < 300 && room && size <= 256)
        return room;
    ptr = base_malloc(size);
    if (size > 256)
        room = ptr;
    last = nanoseconds();
    return ptr;
}
