/* rig.c - timed passes in players; see rig.h. */
#include "rig.h"

bool rig_audit(const struct check *check)
{
    (void)check;
    return true;
}

bool rig_measure(const struct check *check, const struct job *job)
{
    (void)check;
    (void)job;
    return true;
}
