/*
 * poses-alone.h - for a stage that poses as its player in the passes that
 * count: it answers for mm_init itself, and then whatever is asked.
 *
 * The trace has one block of 64 bytes, allocated and freed.
 */
#ifndef POSES_ALONE_H
#define POSES_ALONE_H

#include "speaks.h"

#define OWN_INIT
#include "../broken/base.h"

#include <stdlib.h>

enum { PASS = 200000 }; /* turns, of a nanosecond about */

static struct wire *wire;
static const struct terms *terms;

/* Do what is asked, but for the answer. */
static void serve(struct seat *seat, const struct slot *slot);

static inline void spin(int turns)
{
    for (volatile int i = 0; i < turns; i++)
        continue;
}

/* The operations [first, end). */
static inline void play(struct seat *seat, size_t first, size_t end,
                        uint64_t stamp)
{
    const struct step *steps = wire_steps(terms);
    void **log = wire_log(wire);
    char *block = (char *)mem_heap_lo() + 64;

    for (size_t i = first; i < end; i++) {
        uint64_t own = stamp + (uint64_t)steps[i].slot;

        log[i] = steps[i].kind == TRACE_FREE ? NULL : block;
        if (steps[i].stamps)
            memcpy(block + steps[i].stamp_at, &own, sizeof(own));
        seat->at = i;
    }
    seat->wrong = terms->ops;
}

int mm_init(void)
{
    struct seat *seat = my_seat();
    struct claim *claims = the_claims();

    wire = the_wire();
    terms = the_terms();
    if (seat != &wire->seats[SEAT_FRESH])
        return base_init();
    mem_sbrk(4096);
    while (seat->slots[0].call != CALL_LEAVE) {
        *claims = (struct claim){UINT32_MAX, MEM_SBRK, 4096};
        seat->claims = 1;
        seat->slots[0].answer = 1;
        say(SAYS_ANSWER, 0);
        serve(seat, &seat->slots[0]);
    }
    exit(0);
}

#endif
