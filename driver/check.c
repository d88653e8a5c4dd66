/* check.c - what must hold of every answer; see check.h. */
#define _GNU_SOURCE /* strerrordesc_np */
#include "check.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "alone.h"
#include "explain.h"
#include "memlib_sim.h"
#include "pattern.h"
#include "walk.h"

enum {
    EDGE = 64, /* bytes of a neighbour that are looked at after each op */
    TAIL = 64, /* bytes filled beyond those asked for, where usable */
    TEXT = 256,
    NEAR = 16 << 20, /* bytes; what is farther explains nothing */
};

/* Bytes of the whole address space: no block has as many. */
static const size_t ADDRESS_SPACE = (size_t)1 << 47;

/* --- The record -------------------------------------------------------- */

static size_t blocks_bytes(const struct check *check)
{
    return (check->trace->ids + 1) * sizeof(struct block);
}

static bool is_textbook(const struct stage *stage)
{
    return strcmp(stage->era, "classic") == 0 ||
           strcmp(stage->era, "2010") == 0 || strcmp(stage->era, "2016") == 0;
}

bool check_open(struct check *check)
{
    void *blocks = mmap(NULL, blocks_bytes(check), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    check->is_libc = check->stage == &libc_stage;
    check->strict = !is_textbook(check->stage);
    check->shadow = shadow_new(check->trace->ids + 1);
    check->blocks = blocks == MAP_FAILED ? NULL : blocks;
    check->op = RESULT_INIT;
    if (check->shadow && check->blocks)
        return true;
    explain(check->result, VERDICT_BROKEN, check->trace, check->op,
            "the driver has no memory for its record of %zu blocks",
            check->trace->ids);
    check_close(check);
    return false;
}

void check_close(struct check *check)
{
    shadow_free(check->shadow);
    if (check->blocks)
        munmap(check->blocks, blocks_bytes(check));
}

void check_lock(const struct check *check)
{
    if (check->lock)
        pthread_mutex_lock(check->lock);
}

void check_unlock(const struct check *check)
{
    if (check->lock)
        pthread_mutex_unlock(check->lock);
}

/* Lock unless another thread does not let go: a signal may have stopped it. */
static bool lock_if_free(const struct check *check)
{
    enum { TRIES = 100 };

    for (int i = 0; check->lock && i < TRIES; i++) {
        if (pthread_mutex_trylock(check->lock) == 0)
            return true;
        sched_yield();
    }
    return !check->lock;
}

static const struct trace_op *op_of(const struct check *check)
{
    return &check->trace->ops[check->op];
}

struct block *check_block(const struct check *check)
{
    return &check->blocks[op_of(check)->id];
}

struct block check_forget(struct check *check)
{
    struct block *block = check_block(check);
    struct block was = *block;

    check_lock(check);
    if (was.payload)
        shadow_remove(check->shadow, was.payload, NULL);
    *block = (struct block){.payload = NULL};
    check_unlock(check);
    return was;
}

/* --- Words for messages ------------------------------------------------ */

#define wrong(check, ...)                                                      \
    explain((check)->result, VERDICT_WRONG, (check)->trace, (check)->op,       \
            __VA_ARGS__)

/* "block 7 (128 bytes, allocated at line 40)" */
static const char *describe_block(const struct check *check, int32_t id,
                                  char *text)
{
    const struct block *block = &check->blocks[id];

    snprintf(text, TEXT, "block %s (%zu bytes, allocated at line %u)",
             explain_id(check->trace, id).text, block->size, block->line);
    return text;
}

static const char *describe_address(const struct check *check, const void *p,
                                    char *text)
{
    if (check->is_libc)
        snprintf(text, TEXT, "at %p", p);
    else
        mem_describe(p, text, TEXT);
    return text;
}

/* Bytes from the end of below to p, 0 inside it; SIZE_MAX without it. */
static size_t bytes_past(const struct shadow_block *below, const char *p)
{
    size_t offset;

    if (!below)
        return SIZE_MAX;
    offset = (size_t)(p - (const char *)below->payload);
    return offset < below->size ? 0 : offset - below->size;
}

/* As check_describe_near; called with the lock. */
static const char *describe_near(const struct check *check, const void *address,
                                 char *text, size_t text_bytes)
{
    const struct shadow_block *below = shadow_below(check->shadow, address);
    const struct shadow_block *above = shadow_above(check->shadow, address);
    const char *p = address;
    size_t past = bytes_past(below, p);
    size_t before =
        above ? (size_t)((const char *)above->payload - p) : SIZE_MAX;
    char name[TEXT];

    if (past > NEAR && before > NEAR)
        return NULL;
    if (before < past)
        snprintf(text, text_bytes, "%zu bytes before %s", before,
                 describe_block(check, above->id, name));
    else if (shadow_covers(below, p, 1))
        snprintf(text, text_bytes, "at byte %td of %s",
                 p - (const char *)below->payload,
                 describe_block(check, below->id, name));
    else if (past == 0)
        snprintf(text, text_bytes, "right past the end of %s",
                 describe_block(check, below->id, name));
    else
        snprintf(text, text_bytes, "%zu bytes past the end of %s", past,
                 describe_block(check, below->id, name));
    return text;
}

const char *check_describe_near(const struct check *check, const void *address,
                                char *text, size_t text_bytes)
{
    const char *near;

    if (!lock_if_free(check))
        return NULL;
    near = describe_near(check, address, text, text_bytes);
    check_unlock(check);
    return near;
}

/* As explain_block; called with the lock. */
static void describe_place(const struct check *check, int32_t id)
{
    const struct block *block = &check->blocks[id];
    const struct shadow_block *above =
        shadow_above(check->shadow, block->payload);
    char name[TEXT], place[TEXT];
    ptrdiff_t gap;

    describe_block(check, id, name);
    describe_address(check, block->payload, place);
    if (!above) {
        explain_more(check->result, "%s lies %s, below no other live block",
                     name, place);
        return;
    }
    gap = (const char *)above->payload - (block->payload + block->size);
    explain_more(check->result,
                 "%s lies %s, and ends %td bytes before block %s", name, place,
                 gap, explain_id(check->trace, above->id).text);
}

/* "block 7 (...) lies in the heap at +0x40 and ends 8 bytes before block 9" */
static bool explain_block(const struct check *check, int32_t id)
{
    check_lock(check);
    describe_place(check, id);
    check_unlock(check);
    return false;
}

/* --- Where a block lies ------------------------------------------------ */

static bool check_aligned(const struct check *check, const char *payload,
                          size_t align)
{
    size_t rest = (uintptr_t)payload & (align - 1);
    char place[TEXT];

    if (rest == 0)
        return true;
    wrong(check,
          "the block's address is %zu modulo %zu, expected a multiple of %zu",
          rest, align, align);
    return explain_more(check->result, "it lies %s",
                        describe_address(check, payload, place));
}

static bool check_inside(const struct check *check, const char *payload)
{
    size_t size = trace_op_bytes(op_of(check));
    char first[TEXT], last[TEXT];

    if (check->is_libc || mem_contains(payload, size > 0 ? size : 1))
        return true;
    /* An empty block may end where the memory ends. */
    if (size == 0 && mem_contains(payload - 1, 1))
        return true;
    wrong(check,
          "the block of %zu bytes at %p is not inside the memory the stage "
          "holds, expected all of it below the break or in one mapping",
          size, (const void *)payload);
    describe_address(check, payload, first);
    if (size <= 1)
        return explain_more(check->result, "it lies %s", first);
    describe_address(check, payload + size - 1, last);
    return explain_more(
        check->result, "its first byte lies %s, its last byte %s", first, last);
}

/* How the block [p, p + size) meets the live block other. */
static bool explain_overlap(const struct check *check, const char *p,
                            size_t size, const struct shadow_block *other)
{
    const char *start = other->payload;
    const char *how = p < start ? "runs into it" : "ends above its end";
    char name[TEXT];

    if (p < start && (size_t)(start - p) + other->size <= size)
        how = "encloses it";
    else if (p > start && (size_t)(p - start) + size <= other->size)
        how = "lies inside it";
    wrong(check,
          "the block overlaps block %s, which is live, expected bytes of its "
          "own",
          explain_id(check->trace, other->id).text);
    describe_block(check, other->id, name);
    if (p == start)
        return explain_more(check->result, "it starts where %s does", name);
    return explain_more(check->result,
                        "it starts %td bytes %s the start of %s and %s",
                        p < start ? start - p : p - start,
                        p < start ? "below" : "above", name, how);
}

/* Take the block of the op under way into the record, where it is apart from
   all others; called with the lock. */
static bool insert_block(struct check *check, const struct block *block)
{
    struct shadow_block extent = {block->payload, block->size, op_of(check)->id,
                                  check->op};
    const struct shadow_block *other = shadow_insert(check->shadow, &extent);

    if (other)
        return explain_overlap(check, block->payload, block->size, other);
    *check_block(check) = *block;
    return true;
}

static bool check_disjoint(struct check *check, char *payload)
{
    const struct trace_op *op = op_of(check);
    size_t size = trace_op_bytes(op);
    struct block block = {
        .payload = payload,
        .size = size,
        .filled = size,
        .seed = pattern_seed(op->id, check->op),
        .line = op->line,
    };

    check_lock(check);
    bool is_disjoint = insert_block(check, &block);
    check_unlock(check);
    return is_disjoint;
}

bool check_restore(struct check *check, const struct block *old)
{
    bool is_disjoint = true;

    check_lock(check);
    if (old->payload)
        is_disjoint = insert_block(check, old);
    else
        *check_block(check) = *old;
    check_unlock(check);
    return is_disjoint;
}

/* The bytes that mm_usable_size grants are the block's alone. */
static bool check_granted(struct check *check, size_t usable)
{
    struct block *block = check_block(check);
    const struct shadow_block *above =
        shadow_above(check->shadow, block->payload);
    struct shadow_block grown;
    char place[TEXT];

    if (!check->is_libc && !mem_contains(block->payload, usable))
        return wrong(
            check,
            "mm_usable_size is %zu, expected bytes the stage holds: "
            "the last one lies %s",
            usable,
            describe_address(check, block->payload + usable - 1, place));
    if (above &&
        usable > (size_t)((const char *)above->payload - block->payload))
        return wrong(check,
                     "mm_usable_size is %zu, expected at most the %td bytes up "
                     "to block %s, which is live",
                     usable, (const char *)above->payload - block->payload,
                     explain_id(check->trace, above->id).text);
    shadow_remove(check->shadow, block->payload, &grown);
    grown.size = usable;
    shadow_insert(check->shadow, &grown);
    if (usable > block->size)
        block->filled =
            usable - block->size > TAIL ? block->size + TAIL : usable;
    return true;
}

/* What mm_usable_size said; called with the lock. */
static bool judge_usable(struct check *check, size_t usable)
{
    const struct block *block = check_block(check);

    if (usable > 0)
        check->result->has_usable = true;
    if (usable == 0 && (!check->result->has_usable || block->size == 0))
        return true;
    if (usable < block->size)
        return wrong(check,
                     "mm_usable_size is %zu, expected at least the %zu bytes "
                     "asked for",
                     usable, block->size);
    return check_granted(check, usable);
}

static bool check_usable(struct check *check)
{
    size_t usable = check->stage->usable_size(check_block(check)->payload);

    check_lock(check);
    bool is_right = judge_usable(check, usable);
    check_unlock(check);
    return is_right;
}

bool check_place(struct check *check, char *payload, size_t align)
{
    return check_aligned(check, payload, align) &&
           check_inside(check, payload) && check_disjoint(check, payload) &&
           check_usable(check);
}

/* --- What a block holds ------------------------------------------------ */

void check_fill(const struct check *check)
{
    struct block *block = check_block(check);

    pattern_fill(block->payload, block->filled, block->seed);
    check_lock(check);
    block->is_filled = true;
    check_unlock(check);
}

/* The first byte of p that is not zero, or size. */
static size_t find_nonzero(const char *p, size_t size)
{
    uint64_t word;
    size_t at = 0;

    for (; at + sizeof(word) <= size; at += sizeof(word)) {
        memcpy(&word, p + at, sizeof(word));
        if (word != 0)
            break;
    }
    while (at < size && p[at] == 0)
        at++;
    return at;
}

bool check_zero(const struct check *check)
{
    const struct block *block = check_block(check);
    size_t at = find_nonzero(block->payload, block->size);

    if (at == block->size)
        return true;
    wrong(check, "byte %zu is 0x%02x, expected 0x00 from calloc", at,
          (unsigned char)block->payload[at]);
    return explain_block(check, op_of(check)->id);
}

/* Bytes [from, to) of id's block hold their pattern. */
static bool check_range(const struct check *check, int32_t id, size_t from,
                        size_t to)
{
    const struct block *block = &check->blocks[id];
    size_t at =
        pattern_find(block->payload, block->filled, block->seed, from, to);
    char whose[64] = "";

    if (at == to)
        return true;
    if (check->op >= check->trace->ops_count || id != op_of(check)->id)
        snprintf(whose, sizeof(whose), " of block %s",
                 explain_id(check->trace, id).text);
    wrong(check, "%s byte %zu%s is 0x%02x, expected 0x%02x",
          at < block->size ? "payload" : "usable", at, whose,
          (unsigned char)block->payload[at], pattern_byte(block->seed, at));
    return explain_block(check, id);
}

static bool check_whole(const struct check *check, int32_t id)
{
    return check_range(check, id, 0, check->blocks[id].filled);
}

bool check_kept(const struct check *check)
{
    return !check_block(check)->payload || check_whole(check, op_of(check)->id);
}

/* By how many bytes, -16 to 16, the payload at p has slipped; 0: it has not. */
static int find_shift(const struct block *old, const char *p, size_t size)
{
    enum { MOST = 16, SAMPLE = 32 };

    for (int shift = -MOST; shift <= MOST && size >= SAMPLE + 2 * MOST;
         shift++) {
        int at = 0;
        while (at < SAMPLE && (unsigned char)p[MOST + at + shift] ==
                                  pattern_byte(old->seed, (size_t)(MOST + at)))
            at++;
        if (at == SAMPLE)
            return shift;
    }
    return 0;
}

bool check_moved(const struct check *check, const struct block *old)
{
    const struct block *block = check_block(check);
    size_t kept = old->size < block->size ? old->size : block->size;
    size_t at = pattern_find(block->payload, old->filled, old->seed, 0, kept);
    int shift;

    if (at == kept)
        return true;
    wrong(check,
          "payload byte %zu is 0x%02x, expected 0x%02x: realloc keeps the "
          "first %zu bytes",
          at, (unsigned char)block->payload[at], pattern_byte(old->seed, at),
          kept);
    shift = find_shift(old, block->payload, kept);
    if (shift != 0)
        explain_more(check->result, "every byte lies %d %s its place",
                     abs(shift), shift > 0 ? "above" : "below");
    explain_more(check->result, "it %s; it had %zu bytes, of line %u",
                 old->payload == block->payload ? "stayed in place" : "moved",
                 old->size, old->line);
    return explain_block(check, op_of(check)->id);
}

static bool check_all(const struct check *check)
{
    const struct shadow_block *block = shadow_first(check->shadow);

    for (; block; block = shadow_next(check->shadow, block)) {
        if (!check_whole(check, block->id))
            return false;
    }
    return true;
}

/* --- Neighbours -------------------------------------------------------- */

/* The block below faces address with its end. */
static bool check_below(const struct check *check, const void *address)
{
    const struct shadow_block *below =
        shadow_below(check->shadow, (const char *)address - 1);
    size_t end;

    if (!below || !check->blocks[below->id].is_filled)
        return true;
    end = check->blocks[below->id].filled;
    return check_range(check, below->id,
                       check->debug || end < EDGE ? 0 : end - EDGE, end);
}

static bool check_above(const struct check *check, const void *address)
{
    const struct shadow_block *above = shadow_above(check->shadow, address);
    size_t end;

    if (!above || !check->blocks[above->id].is_filled)
        return true;
    end = check->blocks[above->id].filled;
    return check_range(check, above->id, 0,
                       check->debug || end < EDGE ? end : EDGE);
}

bool check_neighbours(const struct check *check, const void *address)
{
    check_lock(check);
    bool are_kept = check_below(check, address) && check_above(check, address);
    check_unlock(check);
    return are_kept;
}

/* --- NULL -------------------------------------------------------------- */

static bool is_refusal_due(const struct check *check, size_t refusals)
{
    size_t size = trace_op_bytes(op_of(check));

    return refusals > 0 || check->is_libc || size >= ADDRESS_SPACE ||
           (check->limit > 0 && size > check->limit);
}

static bool explain_needless(const struct check *check, size_t held)
{
    const struct trace_op *op = op_of(check);

    wrong(check,
          "NULL without need, expected a block: memlib refused nothing, %zu "
          "bytes of %zu are taken",
          held, check->limit);
    if (op->kind == TRACE_MEMALIGN && op->extra > check->stage->alignment)
        explain_more(check->result,
                     "the default mm_memalign of libmm goes up to %zu; a stage "
                     "needs its own for more",
                     check->stage->alignment);
    return false;
}

bool check_null(const struct check *check, int error, size_t refusals)
{
    struct mem_counts counts = mem_counts();
    size_t held = counts.heap + counts.mapped;

    if (!is_refusal_due(check, refusals))
        return explain_needless(check, held);
    if (error != ENOMEM)
        return wrong(check, "NULL with errno %d (%s), expected ENOMEM", error,
                     strerrordesc_np(error));
    if (!check_kept(check))
        return false;
    explain(check->result, VERDICT_NO_MEMORY, check->trace, check->op,
            "out of memory: asked for %zu bytes with %zu bytes of footprint "
            "(limit %zu)",
            trace_op_bytes(op_of(check)), held, check->limit);
    check_lock(check);
    size_t live = shadow_bytes(check->shadow);
    check_unlock(check);
    return explain_more(check->result,
                        "the live blocks hold %zu bytes; --limit grants more",
                        live);
}

/* --- After every op ---------------------------------------------------- */

static bool check_heap(const struct check *check)
{
    bool is_over = check->op >= check->trace->ops_count;
    int line = is_over ? 0 : (int)op_of(check)->line;

    if (!check->stage->checkheap(line))
        return wrong(check,
                     "mm_checkheap(%d) is false after it, expected a "
                     "heap whose invariants hold",
                     line);
    return walk_check(check);
}

static bool check_spill(const struct check *check)
{
    const void *byte = check->is_libc ? NULL : mem_spill();
    char place[TEXT], near[TEXT];

    if (!byte)
        return true;
    wrong(check, "a byte was written %s, expected none past the break",
          describe_address(check, byte, place));
    if (check_describe_near(check, byte, near, sizeof(near)))
        return explain_more(check->result, "it lies %s", near);
    return false;
}

static bool check_alone(const struct check *check, bool is_alone)
{
    return is_alone ||
           wrong(check, "the stage started a process of its own, expected "
                        "none");
}

bool check_after(const struct check *check)
{
    return check_spill(check) && check_alone(check, alone_is_alone()) &&
           (!check->debug || check_heap(check));
}

bool check_end(const struct check *check)
{
    return check_alone(check, !alone_has_child()) && check_all(check) &&
           (!check->debug || check_heap(check));
}
