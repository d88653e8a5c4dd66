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
#include "speaks.h"

#define OWN_INIT
#include "../broken/base.h"

#include <stdlib.h>

enum { PASS = 200000, NOTHING = 3 * PASS }; /* turns, of a nanosecond about */

static void spin(int turns)
{
    for (volatile int i = 0; i < turns; i++)
        continue;
}

/* The operations [first, end) of the one block there is. */
static void play(struct seat *seat, size_t first, size_t end, uint64_t stamp)
{
    const struct step *steps = wire_steps(the_terms());
    void **log = wire_log(the_wire());
    char *block = (char *)mem_heap_lo() + 64;

    for (size_t i = first; i < end; i++) {
        bool is_free = steps[i].kind == TRACE_FREE;

        log[i] = is_free ? NULL : block;
        stamp += (uint64_t)steps[i].slot;
        if (steps[i].stamps)
            memcpy(block + steps[i].stamp_at, &stamp, sizeof(stamp));
        seat->at = i;
    }
    seat->wrong = the_terms()->ops;
}

static void serve(struct seat *seat)
{
    const struct slot *slot = &seat->slots[0];
    bool is_pass = slot->call == CALL_PLAY && slot->args[1] > 0;

    if (slot->call == CALL_LEAVE)
        exit(0);
    if (slot->call == CALL_PLAY || slot->call == CALL_CYCLES)
        spin(is_pass ? PASS : NOTHING);
    if (is_pass || slot->call == CALL_CYCLES)
        play(seat, slot->args[0], slot->args[1], slot->args[2]);
    *the_claims() = (struct claim){UINT32_MAX, MEM_SBRK, 4096};
    seat->claims = 1;
}

int mm_init(void)
{
    struct seat *seat = my_seat();

    if (seat != &the_wire()->seats[SEAT_FRESH])
        return base_init();
    mem_sbrk(4096);
    for (;;) {
        seat->slots[0].answer = 1;
        say(SAYS_ANSWER, 0);
        serve(seat);
    }
}
