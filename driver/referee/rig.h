/* rig.h - timed passes in players that know nothing of the passes before. */
#ifndef RIG_H
#define RIG_H

#include <stdbool.h>

#include "child.h"

/* As struct way's audit: memory of the player's own, beyond what any stage
   needs for its variables, counts as footprint. */
bool rig_audit(const struct check *check);

/* As struct way's measure. */
bool rig_measure(const struct check *check, const struct job *job);

#endif
