/* map.c - the heap as a line of text; see map.h. */
#include "map.h"

#include <stdio.h>

#include "memlib.h"

/* Equal extents side by side, not yet printed. */
struct run {
    struct mm_extent extent; /* the first of them */
    size_t count;            /* 0 before the first extent of the heap */
};

static void run_print(const struct run *run)
{
    static const char *const shapes[] = {
        [MM_FREE] = " (%zu)", [MM_USED] = " [%zu]", [MM_OVERHEAD] = " %zu"};

    if (run->count == 0)
        return;
    printf(shapes[run->extent.use], run->extent.bytes);
    if (run->count > 1)
        printf("x%zu", run->count);
}

static void map_visit(const struct mm_extent *extent, void *arg)
{
    struct run *run = arg;
    const char *end =
        (const char *)run->extent.address + run->extent.bytes * run->count;
    bool is_next = extent->address == end;

    if (run->count > 0 && is_next && extent->bytes == run->extent.bytes &&
        extent->use == run->extent.use) {
        run->count++;
        return;
    }
    run_print(run);
    if (run->count > 0 && !is_next)
        fputs(" |", stdout);
    *run = (struct run){*extent, 1};
}

/* "calloc(3, 8)", "realloc(p0, 40)", "free(p0)" */
static int call_print(const struct trace_op *op, char *text, size_t bytes)
{
    const char *name = trace_kind_name(op->kind);

    switch ((enum trace_kind)op->kind) {
    case TRACE_MALLOC:
        return snprintf(text, bytes, "p%d = %s(%zu)", op->id, name, op->size);
    case TRACE_CALLOC:
    case TRACE_MEMALIGN:
        return snprintf(text, bytes, "p%d = %s(%zu, %zu)", op->id, name,
                        op->extra, op->size);
    case TRACE_REALLOC:
        return snprintf(text, bytes, "p%d = %s(p%d, %zu)", op->id, name, op->id,
                        op->size);
    case TRACE_FREE:
        break;
    }
    return op->id == TRACE_NULL_ID
               ? snprintf(text, bytes, "%s(NULL)", name)
               : snprintf(text, bytes, "%s(p%d)", name, op->id);
}

/* "+16" from the start of the heap, "mapped", or "" for NULL. */
static void answer_print(const void *answer, char *text, size_t bytes)
{
    uintptr_t offset = (uintptr_t)answer - (uintptr_t)mem_heap_lo();

    if (!answer)
        snprintf(text, bytes, "%s", "");
    else if (offset >= mem_heapsize())
        snprintf(text, bytes, "mapped");
    else
        snprintf(text, bytes, "+%zu", (size_t)offset);
}

void map_print(const struct stage *stage, size_t number,
               const struct trace_op *op, const void *answer)
{
    struct run run = {.count = 0};
    char call[80];
    char place[32];

    call_print(op, call, sizeof(call));
    answer_print(answer, place, sizeof(place));
    printf("%6zu  %-24s %8s  ", number, call, place);
    stage->walk(map_visit, &run);
    run_print(&run);
    puts(run.count > 0 ? "" : " unknown: the stage has no mm_walk");
    fflush(stdout); /* for the case that the next call crashes */
}
