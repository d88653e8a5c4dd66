/*
 * ends-first.c - says that its threads have ended before they may begin.
 *
 * referee: wrong
 * says: says of its threads what cannot be
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
    (void)seat;
    say(SAYS_END, 0);
    say(SAYS_GATE, 0);
    answer(1);
}
