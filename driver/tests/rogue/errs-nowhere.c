/*
 * errs-nowhere.c - says that an operation found a wrong stamp that does not
 * exist. The pass is as good as any, and then the stage leaves.
 *
 * referee: exit
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
    seat->crew_wrong = 1 << 30;
    say(SAYS_END, 0);
    answer(1);
}
