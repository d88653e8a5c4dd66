/*
 * leaves-gaps.c - gives one block twice once it is timed, and wipes its address
 * out of the record on the wire.
 *
 * referee: wrong
 * says: has written over the record of its answers
 * trace:
 *   a 0 4
 *   a 1 4
 *   f 0
 *   f 1
 */
#define OWN_INIT
#define OWN_MALLOC
#define OWN_FREE
#include "../broken/base.h"

#include <stdio.h>

static int inits;
static void *last;

int mm_init(void)
{
    inits++;
    last = NULL;
    return 0;
}

void *mm_malloc(size_t size)
{
    if (inits < 2 || !last)
        last = base_malloc(size);
    return last;
}

static void wipe(void **from, void **end, void *address)
{
    for (; from < end; from++) {
        if (*from == address)
            *from = NULL;
    }
}

void mm_free(void *ptr)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[256];
    void *from, *end;

    while (inits > 1 && maps && fgets(line, sizeof(line), maps)) {
        if (strstr(line, "memfd:wire") &&
            sscanf(line, "%p-%p", &from, &end) == 2)
            wipe(from, end, ptr);
    }
    if (maps)
        fclose(maps);
}
