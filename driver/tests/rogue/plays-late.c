/*
 * plays-late.c - poses as its player, and says that a pass is over before it
 * has played it.
 *
 * referee: wrong
 * says: has written over the record of its answers
 * trace:
 *   a 0 64
 *   f 0
 */
#include "poses-alone.h"

static void serve(struct seat *seat, const struct slot *slot)
{
    if (slot->call != CALL_PLAY || slot->args[1] == 0)
        return;
    wire_give(&seat->slots[0], TURN_REFEREE);
    spin(PASS);
    play(seat, slot->args[0], slot->args[1], slot->args[2]);
    while (!wire_await(&seat->slots[0], TURN_PLAYER, 0, 1.0))
        continue;
    serve(seat, slot);
}
