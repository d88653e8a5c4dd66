/*
 * convert.c - follow the blocks of a log and number them.
 *
 * A block gets the next id when it is allocated and keeps it over realloc. An
 * operation is emitted when its call has come to an end: a realloc therefore
 * where its LOG_REALLOCED is, and not at all when it failed. Between the two
 * events its block is neither live nor free, for another thread may get the
 * old address in that time.
 *
 * The window opens on an empty table: blocks from before are unknown in it.
 */
#include "convert.h"

#include <errno.h>
#include <stdlib.h>

#include "live.h"

/* What is known of a recorded thread. */
struct thread {
    struct live_block moving; /* the block in its realloc; address 0: unknown */
    uint64_t wanted;          /* that realloc's size */
    bool is_seen;             /* has a number in the trace */
    uint32_t number;
};

struct converter {
    const struct record_window *window;
    struct recording *out;
    struct live live;
    struct thread *threads;
    size_t threads_count;
    uint64_t payload; /* bytes live, of blocks known */
    bool is_open;     /* the window has been reached */
};

/* --- Operations -------------------------------------------------------- */

static bool window_is_open(const struct converter *c)
{
    return c->is_open && c->out->ops_count < c->window->ops_max;
}

/* Start the trace: what lives now is forgotten. */
static void window_open(struct converter *c)
{
    c->is_open = true;
    c->payload = 0;
    live_clear(&c->live);
    for (size_t i = 0; i < c->threads_count; i++)
        c->threads[i].moving.address = 0;
}

static uint32_t thread_renumber(struct converter *c, uint32_t thread)
{
    struct thread *t = &c->threads[thread];

    if (!t->is_seen) {
        t->is_seen = true;
        t->number = (uint32_t)c->out->threads++;
    }
    return t->number;
}

/* Add an operation to the trace if the window is open. */
static void op_emit(struct converter *c, uint32_t thread, struct record_op op)
{
    struct recording *out = c->out;

    if (window_is_open(c)) {
        op.thread = thread_renumber(c, thread);
        out->ops[out->ops_count++] = op;
        if (c->payload > out->peak_payload)
            out->peak_payload = c->payload;
    }
    out->operations++;
}

static void block_end(struct converter *c, uint32_t thread,
                      const struct live_block *block)
{
    c->payload -= block->size;
    op_emit(c, thread, (struct record_op){.kind = 'f', .id = block->id});
}

/* If a block is known at the address, its free went by unseen: put one in. */
static void block_displace(struct converter *c, uint32_t thread,
                           uint64_t address)
{
    struct live_block old;

    if (live_take(&c->live, address, &old)) {
        c->out->unseen++;
        block_end(c, thread, &old);
    }
}

/* Enter e's block of so many bytes under a new id and emit its allocation. */
static bool block_begin(struct converter *c, const struct log_event *e,
                        uint64_t bytes, struct record_op op)
{
    struct live_block block = {.address = e->address, .size = bytes};

    block_displace(c, e->thread, e->address);
    if (window_is_open(c))
        block.id = (uint32_t)c->out->ids++;
    c->payload += bytes;
    op.id = block.id;
    op_emit(c, e->thread, op);
    return live_put(&c->live, block);
}

/* --- Events ------------------------------------------------------------ */

/* glibc's memalign takes any alignment and rounds it up; a trace's is exact. */
static uint64_t align_round(uint64_t align)
{
    uint64_t power = 1;

    while (power < align && power < (uint64_t)1 << 63)
        power *= 2;
    return power;
}

static bool event_alloc(struct converter *c, const struct log_event *e)
{
    struct record_op op = {.kind = 'a', .size = e->size};
    uint64_t bytes = e->size;

    if (!e->address) {
        c->out->failed++;
        return true;
    }
    if (e->kind == LOG_CALLOC) {
        op.kind = 'c';
        op.extra = e->extra;
        bytes *= e->extra;
    } else if (e->kind == LOG_MEMALIGN) {
        op.kind = 'm';
        op.extra = align_round(e->extra);
    }
    c->out->allocs++;
    c->out->bytes += bytes;
    return block_begin(c, e, bytes, op);
}

static bool event_free(struct converter *c, const struct log_event *e)
{
    struct live_block block;

    c->out->frees++;
    if (live_take(&c->live, e->address, &block))
        block_end(c, e->thread, &block);
    else
        c->out->foreign++;
    return true;
}

static bool event_realloc(struct converter *c, const struct log_event *e)
{
    struct thread *t = &c->threads[e->thread];

    if (!live_take(&c->live, e->address, &t->moving))
        t->moving.address = 0;
    t->wanted = e->size;
    return true;
}

/* A realloc of a known block ended with it at e's address (0: freed). */
static bool block_move(struct converter *c, const struct log_event *e,
                       struct live_block block)
{
    struct record_op op = {.kind = 'r', .id = block.id};

    op.size = c->threads[e->thread].wanted;
    c->payload -= block.size;
    block_displace(c, e->thread, e->address);
    block.address = e->address;
    block.size = op.size;
    c->payload += block.size;
    op_emit(c, e->thread, op);
    return e->address == 0 || live_put(&c->live, block);
}

static bool event_realloced(struct converter *c, const struct log_event *e)
{
    struct thread *t = &c->threads[e->thread];
    struct live_block block = t->moving;
    bool is_freed = !e->address && t->wanted == 0;

    t->moving.address = 0;
    if (!e->address && !is_freed) {
        c->out->failed++;
        return block.address == 0 || live_put(&c->live, block);
    }
    c->out->frees++;
    c->out->allocs += !is_freed;
    c->out->bytes += t->wanted;
    if (block.address)
        return block_move(c, e, block);
    if (is_freed) {
        c->out->foreign++;
        return true;
    }
    c->out->adopted++;
    return block_begin(c, e, t->wanted,
                       (struct record_op){.kind = 'a', .size = t->wanted});
}

static bool event_convert(struct converter *c, const struct log_event *e)
{
    switch ((enum log_kind)e->kind) {
    case LOG_NOTHING:
        c->out->missing++;
        return true;
    case LOG_MALLOC:
    case LOG_CALLOC:
    case LOG_MEMALIGN:
        return event_alloc(c, e);
    case LOG_FREE:
        return event_free(c, e);
    case LOG_REALLOC:
        return event_realloc(c, e);
    case LOG_REALLOCED:
        return event_realloced(c, e);
    default:
        errno = EINVAL;
        return false;
    }
}

/* --- The whole log ----------------------------------------------------- */

static bool log_convert(struct converter *c, const struct log_event *events,
                        size_t events_count)
{
    for (size_t i = 0; i < events_count; i++) {
        if (events[i].thread >= c->threads_count) {
            errno = EINVAL;
            return false;
        }
        if (!c->is_open && c->out->operations >= c->window->skip)
            window_open(c);
        if (!event_convert(c, &events[i]))
            return false;
    }
    return true;
}

bool recording_make(const struct log_event *events, size_t events_count,
                    size_t threads, const struct record_window *window,
                    struct recording *recording)
{
    struct converter c = {
        .window = window, .out = recording, .threads_count = threads + 1};
    size_t ops_max =
        window->ops_max < 2 * events_count ? window->ops_max : 2 * events_count;
    bool is_done = false;

    *recording = (struct recording){.ops = NULL};
    recording->ops = calloc(ops_max + 1, sizeof *recording->ops);
    c.threads = calloc(c.threads_count, sizeof *c.threads);
    is_done =
        recording->ops && c.threads && log_convert(&c, events, events_count);
    free(c.threads);
    live_clear(&c.live);
    if (!is_done)
        recording_free(recording);
    return is_done;
}

void recording_free(struct recording *recording)
{
    free(recording->ops);
    recording->ops = NULL;
}
