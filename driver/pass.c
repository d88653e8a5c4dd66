/* pass.c - what all timed passes have in common; see pass.h. */
#include "pass.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>

#include "explain.h"
#include "memlib_sim.h"

/* --- Beginning and end ------------------------------------------------- */

bool pass_begin(struct result *result, const struct trace *trace,
                const struct stage *stage)
{
    if (stage == &libc_stage)
        return true;
    mem_reset(MEM_WARM);
    result->pass++;
    result->op = RESULT_INIT;
    if (stage->init())
        return true;
    return explain(
        result, mem_counts().refusals > 0 ? VERDICT_NO_MEMORY : VERDICT_WRONG,
        trace, RESULT_INIT, "failed, expected a heap as in the pass before");
}

void pass_keep_libc_memory(void)
{
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_MMAP_MAX, 0);
}

void pass_clean_libc(void **blocks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        libc_stage.free(blocks[i]);
    mallopt(M_MMAP_MAX, 0); /* every mallopt consolidates the fast bins */
}

/* --- Judging ----------------------------------------------------------- */

bool pass_judge_place(struct result *result, const struct trace *trace,
                      const struct stage *stage,
                      const struct shadow_block *block)
{
    const struct trace_op *op = &trace->ops[block->op];
    size_t align = stage->alignment;

    if (op->kind == TRACE_MEMALIGN && op->extra > align)
        align = op->extra;
    if ((uintptr_t)block->payload % align != 0)
        return explain(result, VERDICT_WRONG, trace, block->op,
                       "the block at %p is not aligned, expected a multiple "
                       "of %zu",
                       block->payload, align);
    return mem_reached(block->payload, block->size) ||
           explain(result, VERDICT_WRONG, trace, block->op,
                   "the block at %p is outside of what memlib gave, "
                   "expected it below the break or in a mapping",
                   block->payload);
}

bool pass_judge_payload(struct result *result, const struct trace *trace,
                        size_t op, size_t payload)
{
    size_t peak = mem_counts().peak;

    return peak >= payload ||
           explain(result, VERDICT_WRONG, trace, op,
                   "%zu bytes are live, expected no more than memlib gave, "
                   "%zu",
                   payload, peak);
}

static const void *end_of(const struct shadow_block *block)
{
    return (const char *)block->payload + block->size;
}

bool pass_explain_overlap(struct result *result, const struct trace *trace,
                          const struct shadow_block *block,
                          const struct shadow_block *live)
{
    return explain(result, VERDICT_WRONG, trace, block->op,
                   "the block %p to %p overlaps block %s, which is live "
                   "(%p to %p, %zu bytes, allocated at line %u)",
                   block->payload, end_of(block),
                   explain_id(trace, live->id).text, live->payload,
                   end_of(live), live->size, trace->ops[live->op].line);
}

bool pass_explain_stamp(struct result *result, const struct trace *trace,
                        size_t op, const struct step *step)
{
    if (step->kind == TRACE_CALLOC)
        return explain(result, VERDICT_WRONG, trace, op,
                       "payload bytes %u to %zu are not zero, expected all "
                       "of a calloc's to be",
                       step->stamp_at, step->stamp_at + sizeof(uint64_t) - 1);
    return explain(result, VERDICT_WRONG, trace, op,
                   "payload bytes %u to %zu have changed, expected what was "
                   "written to the block when it was given%s",
                   step->check_at, step->check_at + sizeof(uint64_t) - 1,
                   step->kind == TRACE_REALLOC ? ", also after realloc" : "");
}

bool pass_explain_null(struct result *result, const struct trace *trace,
                       size_t op)
{
    size_t bytes = trace_op_bytes(&trace->ops[op]);
    struct mem_counts counts = mem_counts();

    if (counts.refusals > 0)
        return explain(result, VERDICT_NO_MEMORY, trace, op,
                       "out of memory: asked for %zu bytes with %zu bytes of "
                       "footprint; --limit grants more",
                       bytes, counts.heap + counts.mapped);
    return explain(result, VERDICT_WRONG, trace, op,
                   "NULL without need, expected a block of %zu bytes: memlib "
                   "refused nothing",
                   bytes);
}
