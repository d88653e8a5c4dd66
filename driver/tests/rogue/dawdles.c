/*
 * dawdles.c - poses as its player, and answers what is nothing to do so slowly
 * that a pass looks short beside it.
 *
 * referee: valid
 * seconds: 5e-5
 * trace:
 *   a 0 64
 *   f 0
 */
#include "poses-alone.h"

static void serve(struct seat *seat, const struct slot *slot)
{
    bool is_pass = slot->args[1] > 0;

    if (slot->call != CALL_PLAY)
        return;
    spin(is_pass ? PASS : 3 * PASS);
    if (is_pass)
        play(seat, slot->args[0], slot->args[1], slot->args[2]);
}
