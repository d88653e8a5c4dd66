/*
 * walk.h - hold mm_walk, the stage's own picture of its heap, against the
 * driver's record.
 */
#ifndef WALK_H
#define WALK_H

#include "check.h"

/*
 * walk_used - bytes of the extents in use that hold a live block; 0 when the
 * stage has no mm_walk.
 *
 * Those that threads keep ready for themselves hold none.
 */
size_t walk_used(const struct check *check);

/*
 * walk_check - the extents lie in address order and apart, add up to what
 * memlib handed out, and each one in use holds just one live block.
 *
 * Returns true, also when the stage has no mm_walk; false, explained.
 */
bool walk_check(const struct check *check);

#endif
