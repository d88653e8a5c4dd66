/*
 * reads-turns.c - fails where a new player finds the order of the threads of a
 * pass before.
 *
 * referee: valid
 * trace:
 *   a 0 16
 *   @ 1
 *   f 0
 */
#include "speaks.h"

#define MY_INIT
#include "../broken/threads.h"

static bool has_found;

int mm_init(void)
{
    struct terms *terms = the_terms();
    const struct turn *turns = wire_turns(wire_steps(terms), terms->ops);
    bool is_new = my_seat() == &the_wire()->seats[SEAT_FRESH] && pass++ == 0;

    has_found = has_found || (is_new && turns[1].op != 0);
    return has_found ? -1 : 0;
}
