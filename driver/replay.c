/* replay.c - a checked pass over a trace; see replay.h. */
#define _GNU_SOURCE /* strerrordesc_np */
#include "replay.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "crew.h"
#include "explain.h"
#include "libc_stage.h"
#include "map.h"
#include "memlib_sim.h"
#include "order.h"
#include "score.h"
#include "walk.h"

enum {
    ERRNO_MARK = EDOM, /* no allocator sets it */
    LIBC_SAMPLE = 256, /* ops between two looks at libc's footprint */
};

static _Thread_local struct check *volatile current;

/* A pass with threads. Static, as one that is stuck in the stage may come back
   when the pass has been given up. */
static struct order order;
static struct crew crew;
static pthread_mutex_t lock;

const struct check *replay_current(void)
{
    return current;
}

/* --- Giving ------------------------------------------------------------ */

/* What the answer to op must be a multiple of, in bytes. */
static size_t op_align(const struct check *check, const struct trace_op *op)
{
    size_t align = check->stage->alignment;

    if (op->kind == TRACE_MEMALIGN && op->extra > align)
        return op->extra;
    return align;
}

static void *call_give(const struct stage *stage, const struct trace_op *op,
                       void *old)
{
    if (op->kind == TRACE_CALLOC)
        return stage->calloc(op->extra, op->size);
    if (op->kind == TRACE_MEMALIGN)
        return stage->memalign(op->extra, op->size);
    if (op->kind == TRACE_REALLOC)
        return stage->realloc(old, op->size);
    return stage->malloc(op->size);
}

/* Look at payload, the answer to an op whose id had the block *old. */
static bool accept_block(struct check *check, char *payload,
                         const struct block *old)
{
    const struct trace_op *op = &check->trace->ops[check->op];

    if (!check_place(check, payload, op_align(check, op)))
        return false;
    if (op->kind == TRACE_CALLOC && !check_zero(check))
        return false;
    if (old->payload && !check_moved(check, old))
        return false;
    check_fill(check);
    return check_neighbours(check, payload);
}

/* malloc, calloc, memalign; and realloc, but of a live block to 0 bytes. */
static bool replay_give(struct check *check, const struct trace_op *op)
{
    struct block old = *check_block(check);
    size_t refusals = mem_counts().refusals;

    if (!check_kept(check))
        return false;
    if (check->lock)
        check_forget(check);
    errno = 0;
    char *payload = call_give(check->stage, op, old.payload);
    int error = errno;
    if (!payload && trace_op_bytes(op) > 0)
        return (!check->lock || check_restore(check, &old)) &&
               check_null(check, error, mem_counts().refusals - refusals);
    if (!check->lock)
        check_forget(check);
    check_block(check)->line = op->line;
    if (payload && !accept_block(check, payload, &old))
        return false;
    return !old.payload || check_neighbours(check, old.payload);
}

/* --- Taking back ------------------------------------------------------- */

/* Call free; a strict contract has it leave errno alone. */
static bool call_free(const struct check *check, void *payload)
{
    errno = ERRNO_MARK;
    check->stage->free(payload);
    if (errno == ERRNO_MARK || !check->strict)
        return true;
    return explain(check->result, VERDICT_WRONG, check->trace, check->op,
                   "errno is %d (%s), expected the %d it was before: free "
                   "keeps it",
                   errno, strerrordesc_np(errno), ERRNO_MARK);
}

static bool replay_free(struct check *check, const struct trace_op *op)
{
    if (op->id == TRACE_NULL_ID)
        return call_free(check, NULL);
    if (!check_kept(check))
        return false;
    struct block old = check_forget(check);
    if (!call_free(check, old.payload))
        return false;
    return !old.payload || check_neighbours(check, old.payload);
}

/* realloc(NULL, 0) is malloc(0): give back what it may have given. */
static bool replay_empty(struct check *check)
{
    void *payload = check->stage->realloc(NULL, 0);

    return !payload || call_free(check, payload);
}

/* realloc of a live block to 0 bytes frees it. */
static bool replay_shrink_away(struct check *check)
{
    if (!check_kept(check))
        return false;
    struct block old = check_forget(check);
    if (!old.payload)
        return replay_empty(check);
    void *payload = check->stage->realloc(old.payload, 0);
    if (payload && check->strict)
        return explain(check->result, VERDICT_WRONG, check->trace, check->op,
                       "realloc to 0 bytes gave %p, expected NULL: it frees "
                       "the block",
                       payload);
    return check_neighbours(check, old.payload);
}

/* --- The pass ---------------------------------------------------------- */

/* True when the op's id has a block, if only one of 0 bytes at NULL. */
static bool is_live(const struct check *check, const struct trace_op *op)
{
    return op->id != TRACE_NULL_ID && check->blocks[op->id].line > 0;
}

static bool replay_op(struct check *check)
{
    const struct trace_op *op = &check->trace->ops[check->op];

    if (op->kind == TRACE_FREE)
        return replay_free(check, op);
    if (op->kind == TRACE_REALLOC && op->size == 0 && is_live(check, op))
        return replay_shrink_away(check);
    return replay_give(check, op);
}

static void sample_libc(struct result *result)
{
    size_t held = libc_footprint();

    if (held > result->peak_footprint)
        result->peak_footprint = held;
}

/* Look at the footprint where it can only be sampled, and at the peak. */
static void sample(struct check *check)
{
    struct result *result = check->result;
    bool at_peak = check->op == check->trace->peak_op;
    bool at_end = check->op + 1 == check->trace->ops_count;

    if (result->phase != PHASE_CHECKED)
        return;
    if (check->is_libc && (at_peak || at_end || check->op % LIBC_SAMPLE == 0))
        sample_libc(result);
    if (at_peak && !check->is_libc) {
        result->peak_blocks = walk_used(check);
        result->has_walk = result->peak_blocks > 0;
    }
}

static bool replay_init(struct check *check)
{
    struct result *result = check->result;

    result->pass++;
    result->op = RESULT_INIT;
    if (!check->is_libc)
        mem_reset(MEM_CHECKED);
    errno = 0;
    if (check->stage->init())
        return true;
    if (errno == ENOMEM && mem_counts().refusals > 0)
        return explain(result, VERDICT_NO_MEMORY, check->trace, RESULT_INIT,
                       "out of memory (limit %zu); --limit grants more",
                       check->limit);
    return explain(result, VERDICT_WRONG, check->trace, RESULT_INIT,
                   "failed with errno %d (%s), expected a heap", errno,
                   strerrordesc_np(errno));
}

/* What the op under way returned; NULL also for free. */
static const void *op_answer(const struct check *check)
{
    int32_t id = check->trace->ops[check->op].id;

    return id == TRACE_NULL_ID ? NULL : check->blocks[id].payload;
}

/* The op check->op, and what is looked at after each. */
static bool replay_next(struct check *check)
{
    if (!replay_op(check) || !check_after(check))
        return false;
    sample(check);
    if (check->map)
        map_print(check->stage, check->op + 1, &check->trace->ops[check->op],
                  op_answer(check));
    return true;
}

static bool replay_ops(struct check *check)
{
    for (size_t i = 0; i < check->trace->ops_count; i++) {
        check->op = i;
        check->result->op = i;
        if (!replay_next(check))
            return false;
    }
    check->op = check->trace->ops_count;
    return check_end(check);
}

/* --- The pass with threads --------------------------------------------- */

/* What each thread does; arg is the check of all. */
static bool play(struct worker *worker, void *arg)
{
    const struct strand *strand = worker->strand;
    struct check check = *(const struct check *)arg;
    bool sound = true;

    current = &check;
    for (uint32_t place = strand->first; sound && place < strand->end;
         place++) {
        const struct turn *turn = &order.turns[place];

        if (!worker_begin(worker, turn))
            break;
        check.op = turn->op;
        sound = replay_next(&check);
        worker_done(worker, place, turn);
    }
    current = NULL;
    return sound;
}

/* All threads have ended, and what they kept for themselves is free. */
static bool replay_end(struct check *check)
{
    check->lock = NULL;
    check->op = check->trace->ops_count;
    check->result->op = check->op;
    return check_end(check);
}

static void lock_open(void)
{
    pthread_mutexattr_t recursive;

    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
}

static bool replay_crew(struct check *check)
{
    bool sound = false;

    if (!order_open(&order, check->trace, !check->at_once))
        return explain(check->result, VERDICT_BROKEN, check->trace, 0,
                       "no memory for its threads: %s", strerrordesc_np(errno));
    if (crew_open(&crew, &order, check->result)) {
        lock_open();
        check->lock = &lock;
        sound = crew_run(&crew, play, check, 1, NULL) && replay_end(check);
        crew_close(&crew);
    } else {
        explain(check->result, VERDICT_BROKEN, check->trace, 0,
                "no memory for its threads: %s", strerrordesc_np(errno));
    }
    if (!crew.stuck)
        order_close(&order);
    return sound;
}

/* --- The interface, see replay.h --------------------------------------- */

/* How much is held when threads play at once is left to chance. */
static void note_footprint(const struct check *check)
{
    struct result *result = check->result;
    size_t peak = mem_counts().peak;

    if (!check->is_libc && !check->at_once && peak > result->peak_footprint)
        result->peak_footprint = peak;
}

bool replay_checked(struct check *check)
{
    bool has_threads = check->trace->threads > 1;

    if (!check_open(check))
        return false;
    current = check;
    bool sound = replay_init(check) &&
                 (has_threads ? replay_crew(check) : replay_ops(check));
    current = NULL;
    note_footprint(check);
    if (!crew.stuck)
        check_close(check);
    return sound;
}
