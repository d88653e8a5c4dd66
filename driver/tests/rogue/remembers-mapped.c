/*
 * remembers-mapped.c - leaves a note in a mapping, and fails where it finds one
 * of a pass before that it must not know of; as remembers.c in the heap.
 *
 * referee: valid
 * trace:
 *   a 0 64
 *   f 0
 */
#include "speaks.h"

#define OWN_INIT
#define OWN_FREE
#include "../broken/base.h"

enum { REHEARSED = 2, MAGIC = 0x5e7e };

struct note {
    int magic;
    int pass;
    pid_t player;
};

static int passes; /* of this player */
static bool has_found;

static bool is_forbidden(const struct note *note)
{
    return note->magic == MAGIC &&
           (note->player != getpid() ||
            (note->pass > REHEARSED && note->pass < passes));
}

/* Before anything is mapped, the page of the pass before is there. */
int mm_init(void)
{
    bool is_fresh = my_seat() == &the_wire()->seats[SEAT_FRESH];

    passes++;
    if (is_fresh && is_forbidden(the_terms()->share.maps_at))
        has_found = true;
    return has_found || !mem_map(1, 0) ? -1 : 0;
}

void mm_free(void *ptr)
{
    struct note *note = the_terms()->share.maps_at;

    *note = (struct note){MAGIC, passes, getpid()};
    base_free(ptr);
}
