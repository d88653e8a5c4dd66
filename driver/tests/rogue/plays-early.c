/*
 * plays-early.c - poses as its player, and plays a pass as soon as it can read
 * the operations: before it is asked to, if they are there.
 *
 * referee: valid
 * seconds: 5e-5
 * trace:
 *   a 0 64
 *   f 0
 */
#include "poses-alone.h"

static bool has_played;

static void play_now(struct seat *seat)
{
    spin(PASS);
    play(seat, 0, terms->ops, 0);
    has_played = true;
}

static void serve(struct seat *seat, const struct slot *slot)
{
    bool is_shown = wire_steps(terms)->size > 0;

    if (slot->call == CALL_TOUCH && is_shown)
        play_now(seat);
    if (slot->call == CALL_PLAY && slot->args[1] > 0) {
        if (!has_played)
            play_now(seat);
        play(seat, slot->args[0], slot->args[1], slot->args[2]);
        has_played = false;
    }
}
