/*
 * walk.h - hold mm_walk, the stage's own picture of its heap, against the
 * driver's record.
 */
#ifndef WALK_H
#define WALK_H

#include "check.h"

/* Bytes of the extents in use; 0 when the stage has no mm_walk. */
size_t walk_used(const struct stage *stage);

/*
 * walk_check - the extents lie in address order and apart, add up to what
 * memlib handed out, and each one in use holds just one live block.
 *
 * Returns true, also when the stage has no mm_walk; false, explained.
 */
bool walk_check(const struct check *check);

#endif
