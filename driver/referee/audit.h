/*
 * audit.h - a timed pass that is stopped twice, where nobody can foresee it.
 *
 * At the first stop every live block is filled, by the referee and through its
 * own view; at the second, what must have been kept since is verified: so a
 * realloc that copies less as soon as it is timed, and one that keeps
 * its books in the blocks of others, is found out.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "timed.h"

struct audit {
    const struct timed *timed; /* the steps are those of the player */
    struct result *result;
    uint64_t random;
    /* Have the player play a part of them; false when it stopped at a NULL. */
    bool (*play)(const struct timed *timed, size_t first, size_t end);
};

/* One such pass. Returns true, also when it ended early for lack of memory;
 * false, explained. */
bool audit_pass(const struct audit *audit);

#endif
