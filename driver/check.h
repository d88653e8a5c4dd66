/*
 * check.h - what must hold of every answer a stage gives.
 *
 * A check is one checked pass over a trace. It keeps its own record of the
 * live blocks, in memory that neither the stage nor libc's malloc gave, and
 * fills every block with a pattern that must still be there when the block is
 * freed. replay.c calls the stage and hands the answers over; each function
 * here looks at one of them and, when something is wrong, explains it in
 * check->result (explain.h) and returns false.
 */
#ifndef CHECK_H
#define CHECK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "shadow.h"
#include "stage.h"
#include "trace.h"

/* What the driver knows of the block of one id. */
struct block {
    char *payload; /* NULL: none, or the stage gave NULL for 0 bytes */
    size_t size;   /* bytes asked for */
    size_t filled; /* bytes that hold the pattern: size, or a few more when
                      mm_usable_size says that they may be used */
    uint64_t seed; /* of the pattern */
    uint32_t line; /* of the trace, where it was last given */
    bool is_filled;
};

/* Where several threads play, each has one of its own, all but op the same. */
struct check {
    const struct trace *trace;
    const struct stage *stage;
    struct result *result;
    size_t limit; /* bytes of footprint granted */
    bool debug;   /* verify the heap and both neighbours after every op */
    bool map;     /* print the heap after every op */
    bool at_once; /* threads play at once, not in turns */
    bool is_libc; /* memlib knows nothing of this stage */
    bool strict;  /* this lab's contract, which says more than the textbook */

    struct shadow *shadow; /* the live blocks by address */
    struct block *blocks;  /* and by id */
    pthread_mutex_t *lock; /* of both, recursive; NULL: one thread */
    size_t op;             /* index of the op under way */
};

/*
 * check_open - begin a pass: trace to at_once are set, the rest is filled in.
 *
 * Returns false, explained, when there is no memory for the record.
 */
bool check_open(struct check *check);

void check_close(struct check *check);

/* Keep other threads from shadow and blocks; nothing to do for one thread. */
void check_lock(const struct check *check);

void check_unlock(const struct check *check);

/* The block of the id of the op under way. */
struct block *check_block(const struct check *check);

/*
 * check_place - the stage gave payload, not NULL, to the op under way.
 *
 * Aligned to align bytes, inside the footprint, apart from all live blocks;
 * and so are the bytes that mm_usable_size grants. Records the block.
 */
bool check_place(struct check *check, char *payload, size_t align);

/* The block just placed is zero; for calloc. */
bool check_zero(const struct check *check);

/* The block just placed begins with what *old held; for realloc. */
bool check_moved(const struct check *check, const struct block *old);

/* Fill the block just placed with its pattern, for others to verify. */
void check_fill(const struct check *check);

/*
 * check_null - the stage gave NULL to the op under way, with errno = error.
 *
 * refusals: how often memlib refused memory meanwhile.
 *
 * Returns false, as the trace ends there: explained as no memory when that is
 * the honest reason.
 */
bool check_null(const struct check *check, int error, size_t refusals);

/* The block of the op under way holds its pattern. */
bool check_kept(const struct check *check);

/*
 * Take that block out of the record. Returns what it was.
 *
 * Where several threads play it is due before the stage may give the memory
 * to another.
 */
struct block check_forget(struct check *check);

/* Put the block back, as a realloc that failed leaves it. */
bool check_restore(struct check *check, const struct block *old);

/* The live blocks next to address hold their pattern where they face it. */
bool check_neighbours(const struct check *check, const void *address);

/* What holds after every op: no byte past the break, no process begun; with
 * debug, mm_checkheap and mm_walk agree. */
bool check_after(const struct check *check);

/* At the end of a pass, no thread being at work: every live block holds its
 * pattern, no process was begun; with debug, mm_checkheap and mm_walk agree. */
bool check_end(const struct check *check);

/*
 * check_describe_near - say where address lies to the nearest live block:
 * "24 bytes past the end of block 7 (128 bytes, allocated at line 40)".
 *
 * For a handler of signals, too: it does not wait for other threads.
 *
 * Returns text, or NULL when no live block is within 16 MiB, or another thread
 * is at the record.
 */
const char *check_describe_near(const struct check *check, const void *address,
                                char *text, size_t text_bytes);

#endif
