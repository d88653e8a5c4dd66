/*
 * clocks-more.c - says that the clock of its threads has gone further than it
 * can.
 *
 * referee: wrong
 * says: has written over the clock of its threads
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
    seat->crew_clock = 5;
    say(SAYS_END, 0);
    answer(1);
}
