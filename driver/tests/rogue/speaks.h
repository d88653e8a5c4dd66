/*
 * speaks.h - for a stage that speaks to the referee as only its player may.
 *
 * It finds the files that the two share among its mappings. To be included
 * before all others.
 */
#ifndef SPEAKS_H
#define SPEAKS_H

#include "referee/wire.c"

#include <stdio.h>

/* Where the file of that name is mapped. */
static inline void *shared(const char *name)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[256];
    void *from = NULL;

    while (maps && !from && fgets(line, sizeof(line), maps)) {
        if (!strstr(line, name) || sscanf(line, "%p", &from) != 1)
            from = NULL;
    }
    if (maps)
        fclose(maps);
    return from;
}

static inline struct wire *the_wire(void)
{
    return shared("memfd:wire");
}

static inline struct terms *the_terms(void)
{
    return shared("memfd:steps");
}

static inline struct claim *the_claims(void)
{
    return wire_claims(the_wire(), the_terms()->ops);
}

/* The seat of this process: for one that counts, the main one has to wait. */
static inline struct seat *my_seat(void)
{
    struct seat *seats = the_wire()->seats;
    bool is_fresh =
        atomic_load(&seats[SEAT_FRESH].slots[0].turn) == TURN_PLAYER;

    return &seats[is_fresh ? SEAT_FRESH : SEAT_MAIN];
}

static inline bool is_timed(void)
{
    uint32_t call = my_seat()->slots[0].call;

    return call == CALL_PLAY || call == CALL_CREW;
}

/* Say it as the main thread, and wait for what the referee does. */
static inline void say(enum says says, size_t arg)
{
    struct slot *slot = &my_seat()->slots[0];

    slot->args[0] = arg;
    slot->says = says;
    wire_give(slot, TURN_REFEREE);
    while (!wire_await(slot, TURN_PLAYER, 0, 1.0))
        continue;
}

#endif
