/*
 * fails-nowhere.c - says that an operation got NULL that does not exist.
 *
 * referee: wrong
 * says: stopped at an operation that does not exist
 * trace:
 *   a 0 16
 *   f 0
 *   @ 1
 *   a 1 16
 *   f 1
 */
#include "poses.h"

static void play(struct seat *seat)
{
    say(SAYS_GATE, 0);
    fill_log(seat, 2, 2);
    seat->crew_null = 1 << 30;
    say(SAYS_END, 0);
    answer(0);
}
