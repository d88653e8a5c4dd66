/* audit.c - a timed pass that is stopped; see audit.h. */
#include "audit.h"

#include <string.h>

#include "explain.h"
#include "pages.h"
#include "pattern.h"
#include "remote.h"
#include "wire.h"

enum { STAMP_BYTES = sizeof(uint64_t), STAMPS_MOST = 4 };

/* What is known of a block that lives on between the stops. */
struct kept {
    char *payload; /* NULL: nothing to look at */
    size_t filled; /* bytes, at the first stop */
    size_t size;   /* of them that are still to be there */
    uint64_t seed;
    uint32_t stamps[STAMPS_MOST]; /* offsets where the loop has written */
    uint32_t stamps_count;
};

static const struct audit *audit;
static struct kept *blocks; /* by slot */

static size_t blocks_bytes(void)
{
    return (audit->timed->trace->ids + 1) * sizeof(*blocks);
}

static size_t bytes_of(size_t op)
{
    return trace_op_bytes(&audit->timed->trace->ops[op]);
}

/* --- Between the stops --------------------------------------------------- */

/* The loop has left its stamp there. */
static void note_stamp(struct kept *block, const struct step *step)
{
    if (!step->stamps)
        return;
    if (block->stamps_count == STAMPS_MOST)
        block->payload = NULL;
    else
        block->stamps[block->stamps_count++] = step->stamp_at;
}

/* What operation i, which gave address, makes of the block of its slot. */
static void follow(size_t i, char *address)
{
    const struct step *step = &audit->timed->steps[i];
    struct kept *block = &blocks[step->slot];
    bool keeps = step->kind == TRACE_REALLOC && block->payload && address;

    if (!keeps) {
        block->payload = NULL;
        return;
    }
    block->payload = address;
    if (bytes_of(i) < block->size)
        block->size = bytes_of(i);
    note_stamp(block, step);
}

/* --- The stops ----------------------------------------------------------- */

/* The referee can touch all of the block. */
static bool is_in_reach(const char *payload, size_t bytes)
{
    const struct mem_share *share = &remote_terms()->share;
    size_t heap = (size_t)(payload - (char *)share->heap_at);
    size_t maps = (size_t)(payload - (char *)share->maps_at);

    return (heap < remote_granted() && bytes <= remote_granted() - heap) ||
           (maps < share->bytes && bytes <= share->bytes - maps);
}

/* Fill the block that operation i gave, but for its stamp. */
static void fill(size_t i, char *payload)
{
    const struct step *step = &audit->timed->steps[i];
    struct kept *block = &blocks[step->slot];
    size_t bytes = bytes_of(i);
    uint64_t stamp = audit->timed->stamp + (uint64_t)step->slot;

    *block = (struct kept){NULL, bytes, bytes, audit->random ^ i, {0}, 0};
    if (!payload || bytes == 0 || !is_in_reach(payload, bytes))
        return; /* the address is judged elsewhere */
    block->payload = payload;
    pattern_fill(payload, bytes, block->seed);
    if (step->stamps)
        memcpy(payload + step->stamp_at, &stamp, STAMP_BYTES);
    note_stamp(block, step);
}

/* Fill all that is live after the operations below end. */
static void fill_live(size_t end)
{
    void **log = wire_log(remote_wire());

    memset(blocks, 0, blocks_bytes());
    for (size_t i = 0; i < end; i++)
        blocks[audit->timed->steps[i].slot].filled = i + 1;
    for (size_t i = 0; i < end; i++) {
        const struct step *step = &audit->timed->steps[i];

        if (blocks[step->slot].filled == i + 1 && step->kind != TRACE_FREE)
            fill(i, log[i]);
    }
}

static bool is_stamped(const struct kept *block, size_t at)
{
    for (uint32_t i = 0; i < block->stamps_count; i++) {
        if (at >= block->stamps[i] && at < block->stamps[i] + STAMP_BYTES)
            return true;
    }
    return false;
}

/* The first byte that has changed; or the block's size. */
static size_t find_changed(const struct kept *block)
{
    size_t at = 0;

    while (at < block->size) {
        at = pattern_find(block->payload, block->filled, block->seed, at,
                          block->size);
        if (at == block->size || !is_stamped(block, at))
            break;
        at++;
    }
    return at;
}

static bool verify_block(size_t slot, size_t op)
{
    const struct kept *block = &blocks[slot];

    if (!block->payload || !is_in_reach(block->payload, block->size))
        return true;
    size_t at = find_changed(block);
    if (at == block->size)
        return true;
    return explain(audit->result, VERDICT_WRONG, audit->timed->trace, op,
                   "payload byte %zu of block %s has changed since an earlier "
                   "stop of this pass, expected all %zu bytes as they were",
                   at, explain_id(audit->timed->trace, (int32_t)slot).text,
                   block->size);
}

/* All that has lived on from the operation first to end is as it was. */
static bool verify_live(size_t first, size_t end)
{
    void **log = wire_log(remote_wire());

    for (size_t i = first; i < end; i++)
        follow(i, log[i]);
    for (size_t slot = 0; slot < audit->timed->trace->ids; slot++) {
        if (!verify_block(slot, end - 1))
            return false;
    }
    return true;
}

/* --- The interface, see audit.h ------------------------------------------ */

bool audit_pass(const struct audit *of)
{
    size_t ops = of->timed->trace->ops_count;
    size_t first = ops > 1 ? 1 + of->random % (ops - 1) : 1;
    size_t end = first + (of->random >> 32) % (ops - first + 1);
    bool sound = true;

    audit = of;
    blocks = pages_get(blocks_bytes());
    if (!blocks || ops < 2)
        return true;
    if (end == first)
        end = first + 1 <= ops ? first + 1 : ops;
    if (of->play(of->timed, 0, first)) {
        fill_live(first);
        if (end > first && of->play(of->timed, first, end))
            sound = verify_live(first, end);
        if (sound)
            of->play(of->timed, end, ops);
    }
    pages_give(blocks, blocks_bytes());
    return sound;
}
