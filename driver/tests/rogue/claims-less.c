/*
 * claims-less.c - writes over all that it shares with the referee, once it is
 * timed.
 *
 * referee: not valid
 * trace:
 *   a 0 24
 *   f 0
 *   a 1 24
 *   f 1
 */
#define OWN_INIT
#define OWN_FREE
#include "../broken/base.h"

#include <stdio.h>

static int inits;

int mm_init(void)
{
    inits++;
    return 0;
}

static void scribble(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[256];
    void *from, *to;
    char access[5];

    while (maps && fgets(line, sizeof(line), maps)) {
        if (strstr(line, "memfd:wire") &&
            sscanf(line, "%p-%p %4s", &from, &to, access) == 3)
            memset(from, 0x7f, (size_t)((char *)to - (char *)from));
    }
    if (maps)
        fclose(maps);
}

void mm_free(void *ptr)
{
    if (inits > 1)
        scribble();
    base_free(ptr);
}
