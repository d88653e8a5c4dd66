/*
 * model.h - a stage under test beside a plain model of its live blocks.
 *
 * The model knows where each live block lies, how long it is and what was
 * written to it. Every function here asserts (by Criterion) what mm.h
 * promises; the stage is the shared object that MM_STAGE names.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stage.h"

/* The stage under test; set by model_open. */
extern const struct stage *mm;

/* One live block. */
struct live {
    unsigned char *ptr;
    size_t size;   /* bytes asked for */
    uint64_t seed; /* of the pattern written to them, see driver/pattern.h */
};

/* The live blocks, in no order; model_count of them. */
enum { MODEL_MAX = 4096 };
extern struct live model[MODEL_MAX];
extern size_t model_count;

/* Load the stage and start a heap; a test suite's .init. */
void model_open(void);

/* Take all memory back and start a heap; the model is empty. */
void model_restart(void);

/*
 * Take a block that the stage has just handed out into the model: it must be
 * aligned, inside the footprint, disjoint from the others, and usable up to
 * its usable size. Returns its index.
 */
size_t model_add(void *ptr, size_t size);

/* Assert that the first bytes of block i are what was written. */
void model_check_kept(size_t i, size_t bytes);

/* mm_malloc that must succeed, and model_add. Returns the index. */
size_t model_malloc(size_t size);

/* mm_realloc of block i; false if the stage had no memory for it. */
bool model_try_realloc(size_t i, size_t size);

/* Check block i, mm_free it, and forget it; the last takes its index. */
void model_free(size_t i);

void model_free_all(void);

/*
 * Assert that the heap is sound: mm_checkheap is true, every live block is
 * as written, and mm_walk tiles the footprint and finds just those blocks.
 */
void model_check_heap(void);

/*
 * Assert that ptr is NULL and errno ENOMEM, as after a call without memory.
 * Set errno to 0 before that call.
 */
void assert_no_memory(const void *ptr);

/* The next number of a fixed sequence, 0 to limit - 1. */
size_t random_below(size_t limit);

#endif
