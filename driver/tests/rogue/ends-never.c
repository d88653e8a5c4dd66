/*
 * ends-never.c - does not say when its threads end.
 *
 * referee: wrong
 * says: has not said when its threads ended
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
    answer(1);
}
