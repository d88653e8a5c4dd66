/*
 * stage.h - how the driver reaches an allocator: one table of functions.
 *
 * A stage is built into a shared object together with the adapter of its era
 * (driver/eras/), which exports the one symbol mm_stage. The driver loads it
 * with dlopen in the child that replays a trace, so a constructor, an exit()
 * or a function named like one of libc's harms nothing but that child. libc's
 * malloc stands behind the same table, so both are called at the same cost.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "mm.h"

struct stage {
    const struct mm_info *info;
    const char *era;  /* "seven", "classic", "2010" or "2016" */
    size_t alignment; /* bytes; what the era promises for every block */

    bool (*init)(void); /* true when the heap is ready */
    void *(*malloc)(size_t size);
    void (*free)(void *ptr);
    void *(*realloc)(void *ptr, size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*memalign)(size_t align, size_t size); /* NULL: not of the era */
    size_t (*usable_size)(const void *ptr);       /* 0: unknown */
    bool (*checkheap)(int line);
    void (*walk)(mm_visit *visit, void *arg);
};

/* The name under which a shared object exports its struct stage. */
#define STAGE_SYMBOL "mm_stage"

/* libc's malloc and friends, as a stage; init does nothing. */
extern const struct stage libc_stage;

/*
 * stage_load - load a stage's shared object into this process.
 *
 * Runs the object's constructors, so call it only where they may do harm.
 *
 * Returns the stage; NULL after writing why (dlerror's text) to error, a
 * buffer of error_bytes bytes.
 */
const struct stage *stage_load(const char *path, char *error,
                               size_t error_bytes);

#endif
