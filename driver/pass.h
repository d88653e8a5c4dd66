/*
 * pass.h - what all timed passes have in common: how they begin, what glibc
 * gets back, and what is said of an answer that was wrong.
 */
#ifndef PASS_H
#define PASS_H

#include <stdbool.h>
#include <stddef.h>

#include "result.h"
#include "shadow.h"
#include "stage.h"
#include "timed.h"
#include "trace.h"

/*
 * pass_begin - bring the stage to its beginning, and count the pass; libc is
 * there already.
 *
 * Returns false, explained, when it has no heap.
 */
bool pass_begin(struct result *result, const struct trace *trace,
                const struct stage *stage);

/*
 * pass_keep_libc_memory - glibc gets no memory from the kernel from here on.
 *
 * As with the stage's: pages once touched stay. Blocks of its own mapping
 * would each cost a page fault a page.
 */
void pass_keep_libc_memory(void);

/* Give glibc back the blocks a pass left, NULLs among them, and let it merge
   what it can. */
void pass_clean_libc(void **blocks, size_t count);

/*
 * The block that op block->op was given is aligned, and inside what memlib has
 * given since the pass began. Returns false, explained, when it is not.
 */
bool pass_judge_place(struct result *result, const struct trace *trace,
                      const struct stage *stage,
                      const struct shadow_block *block);

/* No more bytes can be live, as they are from op on, than memlib gave. */
bool pass_judge_payload(struct result *result, const struct trace *trace,
                        size_t op, size_t payload);

/* Explain that the block overlaps a live one. Returns false. */
bool pass_explain_overlap(struct result *result, const struct trace *trace,
                          const struct shadow_block *block,
                          const struct shadow_block *live);

/* Explain that op, replayed as step, found its stamp changed. Returns false. */
bool pass_explain_stamp(struct result *result, const struct trace *trace,
                        size_t op, const struct step *step);

/* Explain that op got NULL. Returns false. */
bool pass_explain_null(struct result *result, const struct trace *trace,
                       size_t op);

#endif
