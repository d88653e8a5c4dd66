/*
 * shadow.h - an ordered set of disjoint blocks of memory.
 *
 * The driver keeps its own record of the live blocks here, by address, so
 * that no answer of a stage is checked against what the stage itself says.
 * The simulated memlib keeps its mappings, and the holes between them, in two
 * more. Every operation costs O(log blocks) and none calls libc's malloc,
 * which is under measurement beside the stage.
 *
 * A block covers [payload, payload + size); one of size 0 covers 1 byte, so
 * that it, too, has an address of its own, and one that would run past the
 * end of the address space ends there. Blocks that merely touch are disjoint.
 *
 * Not locked: threads take turns. Pointers into the set, as the functions
 * return them, stay good until that block is removed.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shadow;

struct shadow_block {
    const void *payload; /* the block's first byte */
    size_t size;         /* bytes, as asked for */
    int32_t id;          /* of the trace; free for other use elsewhere */
    size_t op;           /* index of the op that allocated it; likewise */
};

/*
 * shadow_new - make an empty set for at most `most` blocks at a time.
 *
 * Address space is reserved for all of them, memory taken as they come: 56
 * bytes a block.
 *
 * Returns the set, to be given to shadow_free; NULL with errno = ENOMEM.
 */
struct shadow *shadow_new(size_t most);

/* Give the set back; NULL is ignored. */
void shadow_free(struct shadow *set);

/* Remove all blocks; O(1). */
void shadow_clear(struct shadow *set);

/*
 * shadow_insert - add a copy of *block, if it overlaps none in the set.
 *
 * The set must not be full, see shadow_is_full.
 *
 * Returns NULL when added; otherwise the lowest block of the set that shares
 * a byte with it (also when it encloses or is enclosed by it), the set being
 * as it was.
 */
const struct shadow_block *shadow_insert(struct shadow *set,
                                         const struct shadow_block *block);

/*
 * shadow_remove - remove the block that starts exactly at payload.
 *
 * out: gets a copy of it, unless NULL.
 *
 * Returns true; false when there is no such block.
 */
bool shadow_remove(struct shadow *set, const void *payload,
                   struct shadow_block *out);

/* The block that starts exactly at payload, or NULL. */
const struct shadow_block *shadow_at(const struct shadow *set,
                                     const void *payload);

/*
 * The block with the highest start at or below p, or NULL. It is the one that
 * contains p, if any does: shadow_covers tells.
 */
const struct shadow_block *shadow_below(const struct shadow *set,
                                        const void *p);

/* The block with the lowest start above p, or NULL. */
const struct shadow_block *shadow_above(const struct shadow *set,
                                        const void *p);

/*
 * The lowest block that starts at or above `from` and has at least size
 * bytes, or NULL.
 */
const struct shadow_block *shadow_fit(const struct shadow *set, size_t size,
                                      const void *from);

/* The block with the lowest address, or NULL. */
const struct shadow_block *shadow_first(const struct shadow *set);

/* The block after one of this set in address order, or NULL. */
const struct shadow_block *shadow_next(const struct shadow *set,
                                       const struct shadow_block *block);

/* True when all bytes from p on, at least one, lie inside the block. */
bool shadow_covers(const struct shadow_block *block, const void *p,
                   size_t bytes);

/* How many blocks the set has. */
size_t shadow_count(const struct shadow *set);

/* The sum of their sizes, in bytes. */
size_t shadow_bytes(const struct shadow *set);

/* True when the set has as many blocks as it was made for. */
bool shadow_is_full(const struct shadow *set);

#endif
