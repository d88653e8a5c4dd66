/*
 * reads-notes.c - leaves notes all over the wire, and fails where a new player
 * finds one, or an operation, an address or a call of the passes before.
 *
 * referee: valid
 * trace:
 *   a 0 24
 *   f 0
 */
#include "speaks.h"

#define OWN_INIT
#define OWN_FREE
#include "../broken/base.h"

enum { NOTE = 0x5e7e };

static bool is_old; /* this player has played before */
static bool has_found;

static bool is_zero(const void *from, const void *end)
{
    const char *byte = from;

    while (byte < (const char *)end && *byte == 0)
        byte++;
    return byte == end;
}

static bool has_note(const struct wire *wire)
{
    const size_t *word = (const size_t *)wire->seats;

    while (word < (const size_t *)(wire + 1) && *word != NOTE)
        word++;
    return word < (const size_t *)(wire + 1);
}

int mm_init(void)
{
    struct wire *wire = the_wire();
    const struct step *steps = wire_steps(the_terms());
    size_t ops = the_terms()->ops;
    bool is_new = my_seat() == &wire->seats[SEAT_FRESH] && !is_old;

    is_old = true;
    if (is_new && (has_note(wire) || !is_zero(steps, steps + ops) ||
                   !is_zero(wire_log(wire), (char *)wire + wire_bytes(ops))))
        has_found = true;
    return has_found ? -1 : 0;
}

static void leave_notes(struct seat *seat)
{
    for (int i = 0; i < WIRE_EXTENTS; i++)
        seat->extents[i].bytes = NOTE;
    for (int i = 1; i < WIRE_SLOTS; i++)
        seat->slots[i].answer = NOTE;
    seat->hello.alignment = NOTE;
    seat->slots[0].usable = NOTE;
}

void mm_free(void *ptr)
{
    struct wire *wire = the_wire();
    struct claim *claims = the_claims();

    base_free(ptr);
    if (!is_timed())
        return;
    leave_notes(&wire->seats[SEAT_MAIN]);
    leave_notes(my_seat());
    for (int i = WIRE_CLAIMS / 2; i < WIRE_CLAIMS; i++)
        claims[i].arg = NOTE;
}
