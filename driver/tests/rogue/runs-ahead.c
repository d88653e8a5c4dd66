/*
 * runs-ahead.c - says of a block that another thread frees that it was given
 * only after that, as if the thread had not waited for it.
 *
 * referee: wrong
 * says: has written over the record of its threads
 * trace:
 *   a 0 64
 *   @ 1
 *   f 0
 *   a 1 32
 *   f 1
 *   a 2 32
 *   f 2
 *   a 3 32
 *   f 3
 *   a 4 32
 *   f 4
 *   a 5 32
 *   f 5
 *   a 6 32
 *   f 6
 *   a 7 32
 *   f 7
 *   a 8 32
 *   f 8
 *   a 9 32
 *   f 9
 *   a 10 32
 *   f 10
 *   a 11 32
 *   f 11
 *   a 12 32
 *   f 12
 *   a 13 32
 *   f 13
 *   a 14 32
 *   f 14
 *   a 15 32
 *   f 15
 *   a 16 32
 *   f 16
 *   a 17 32
 *   f 17
 *   a 18 32
 *   f 18
 *   a 19 32
 *   f 19
 *   a 20 32
 *   f 20
 *   a 21 32
 *   f 21
 *   a 22 32
 *   f 22
 *   a 23 32
 *   f 23
 *   a 24 32
 *   f 24
 */
#define OWN_USABLE_SIZE
#define MY_FREE
#include "../broken/threads.h"

#include <stdbool.h>
#include <stdio.h>

/* As in the driver's timed_crew.h. */
struct event {
    void *address;
    uint32_t taken, given;
};

enum { LATER = 3 };

static bool is_checked; /* in this player, which then plays no pass alone */

size_t mm_usable_size(const void *ptr)
{
    is_checked = true;
    return base_usable_size(ptr);
}

static void give_later(struct event *event, const void *end, const void *block)
{
    while (event->address != block && (void *)(event + 1) < end)
        event++;
    if (event->address == block)
        event->given += LATER;
}

static void rewrite_log(const void *block)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[256];
    void *from, *end;

    while (maps && fgets(line, sizeof(line), maps)) {
        if (strstr(line, "memfd:wire") &&
            sscanf(line, "%p-%p", &from, &end) == 2)
            give_later(from, end, block);
    }
    if (maps)
        fclose(maps);
}

void mm_free(void *ptr)
{
    if (!is_checked && is_remote(ptr))
        rewrite_log(ptr);
    locked_free(ptr);
}
