/* seat.h - a player at its seat: it holds the stage and does what it is asked.
 */
#ifndef SEAT_H
#define SEAT_H

#include <stdint.h>

#include "wire.h"

/* What a player finds. */
struct table {
    struct wire *wire;
    const struct terms *terms;
    const struct step *steps; /* of a timed pass; read only */
    struct mem_share share;
};

/* Serve the seat until told to leave. path: the stage's shared object. */
void seat_serve(const struct table *table, uint32_t seat, const char *path);

#endif
