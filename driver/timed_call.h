/*
 * timed_call.h - one step of a timed loop: the call and its stamps.
 *
 * Inline, as what it costs is part of what the loops of timed.c and of
 * timed_crew.c measure.
 */
#ifndef TIMED_CALL_H
#define TIMED_CALL_H

#include <string.h>

#include "timed.h"

enum { STAMP = sizeof(uint64_t) }; /* bytes */

static inline uint64_t timed_load(const char *block, uint32_t offset)
{
    uint64_t value;

    memcpy(&value, block + offset, STAMP);
    return value;
}

static inline void timed_store(char *block, uint32_t offset, uint64_t value)
{
    memcpy(block + offset, &value, STAMP);
}

/* Call the allocator; *is_wrong tells whether a stamp had changed. */
static inline char *timed_call(const struct stage *stage,
                               const struct step *step, char *block,
                               uint64_t stamp, bool *is_wrong)
{
    switch ((enum trace_kind)step->kind) {
    case TRACE_MALLOC:
        return stage->malloc(step->size);
    case TRACE_CALLOC:
        block = stage->calloc(step->extra, step->size);
        *is_wrong =
            step->stamps && block && timed_load(block, step->stamp_at) != 0;
        return block;
    case TRACE_MEMALIGN:
        return stage->memalign(step->extra, step->size);
    case TRACE_REALLOC:
        block = stage->realloc(block, step->size);
        *is_wrong =
            step->checks && block && timed_load(block, step->check_at) != stamp;
        return block;
    case TRACE_FREE:
        *is_wrong = step->checks && timed_load(block, step->check_at) != stamp;
        stage->free(block);
        return NULL;
    }
    return NULL;
}

#endif
