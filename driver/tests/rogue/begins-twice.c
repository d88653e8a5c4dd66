/*
 * begins-twice.c - says twice that its threads may begin, and so starts the
 * clock anew.
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
    say(SAYS_GATE, 0);
    say(SAYS_GATE, 0);
}
