/* order.c - which thread plays which operations; see order.h. */
#include "order.h"

#include <string.h>

#include "pages.h"

/* What the working out needs meanwhile. */
struct scratch {
    uint32_t *strand_of; /* by number of a thread */
    uint32_t *place_of;  /* by op */
    uint32_t *last;      /* by id: place of the last op so far */
};

enum { NUMBERS = UINT16_MAX + 1 };

static size_t turns_bytes(const struct order *order)
{
    return order->trace->ops_count * sizeof *order->turns;
}

static size_t strands_bytes(const struct order *order)
{
    return order->trace->threads * sizeof *order->strands;
}

static size_t places_bytes(const struct order *order)
{
    return order->trace->ops_count * sizeof(uint32_t);
}

static size_t last_bytes(const struct order *order)
{
    return (order->trace->ids + 1) * sizeof(uint32_t);
}

/* --- Threads ----------------------------------------------------------- */

/* Find the threads, and count each one's ops in its end. */
static void find_strands(struct order *order, struct scratch *scratch)
{
    const struct trace *trace = order->trace;
    uint32_t found = 0;

    memset(scratch->strand_of, 0xff, NUMBERS * sizeof(uint32_t));
    for (size_t i = 0; i < trace->ops_count; i++) {
        uint32_t *strand = &scratch->strand_of[trace->ops[i].thread];

        if (*strand == ORDER_NONE) {
            *strand = found++;
            order->strands[*strand] =
                (struct strand){.number = trace->ops[i].thread};
        }
        order->strands[*strand].end++;
    }
}

/* Give each thread its places, from first to end. */
static void place_strands(struct order *order)
{
    uint32_t place = 0;

    for (size_t i = 0; i < order->trace->threads; i++) {
        struct strand *strand = &order->strands[i];
        uint32_t count = strand->end;

        strand->first = place;
        place += count;
        strand->end = place;
    }
}

/* --- Turns ------------------------------------------------------------- */

/* Give each op its place. */
static void place_turns(struct order *order, struct scratch *scratch)
{
    const struct trace *trace = order->trace;

    for (size_t i = 0; i < trace->ops_count; i++) {
        struct strand *strand =
            &order->strands[scratch->strand_of[trace->ops[i].thread]];
        uint32_t place = strand->first++;

        order->turns[place] = (struct turn){
            .op = (uint32_t)i, .before = ORDER_NONE, .after = ORDER_NONE};
        scratch->place_of[i] = place;
    }
    for (size_t i = trace->threads; i-- > 0;)
        order->strands[i].first = i > 0 ? order->strands[i - 1].end : 0;
}

/* Let the turn wait for the one at place `after`, if another thread has it. */
static void add_wait(struct order *order, struct turn *turn, uint32_t after)
{
    const struct trace_op *ops = order->trace->ops;

    if (after == ORDER_NONE ||
        ops[order->turns[after].op].thread == ops[turn->op].thread)
        return;
    turn->after = after;
    order->turns[after].is_awaited = true;
}

static void link_turns(struct order *order, struct scratch *scratch,
                       bool by_file)
{
    const struct trace *trace = order->trace;

    memset(scratch->last, 0xff, last_bytes(order));
    for (size_t i = 0; i < trace->ops_count; i++) {
        int32_t id = trace->ops[i].id;
        uint32_t place = scratch->place_of[i];
        struct turn *turn = &order->turns[place];

        if (id != TRACE_NULL_ID) {
            turn->before = scratch->last[id];
            scratch->last[id] = place;
        }
        if (!by_file)
            add_wait(order, turn, turn->before);
        else if (i > 0)
            add_wait(order, turn, scratch->place_of[i - 1]);
    }
}

/* With the last op of a thread its turn is not over: the crew lets the others
   go on when the thread has ended (crew.c). */
static void hold_ends(struct order *order)
{
    for (size_t i = 0; i < order->trace->threads; i++)
        order->turns[order->strands[i].end - 1].is_awaited = false;
}

/* --- Lanes ------------------------------------------------------------- */

static uint32_t first_op(const struct order *order, const struct strand *strand)
{
    return order->turns[strand->first].op;
}

static uint32_t last_op(const struct order *order, const struct strand *strand)
{
    return order->turns[strand->end - 1].op;
}

/*
 * find_free - the thread whose lane may be taken over by one that begins at
 * op, or ORDER_NONE: it has no heir, and its ops come first in the file.
 */
static uint32_t find_free(const struct order *order, const uint32_t *holders,
                          uint32_t op)
{
    for (size_t lane = 0; lane < order->lanes; lane++) {
        if (last_op(order, &order->strands[holders[lane]]) < op)
            return holders[lane];
    }
    return ORDER_NONE;
}

/* holders: room for the last thread of each lane. */
static void assign_lanes(struct order *order, uint32_t *holders)
{
    for (uint32_t i = 0; i < order->trace->threads; i++) {
        struct strand *strand = &order->strands[i];
        uint32_t free = ORDER_NONE;

        if (order->lanes >= ORDER_LANES)
            free = find_free(order, holders, first_op(order, strand));
        strand->next = ORDER_NONE;
        strand->is_heir = free != ORDER_NONE;
        if (strand->is_heir)
            order->strands[free].next = i;
        strand->lane = strand->is_heir ? order->strands[free].lane
                                       : (uint32_t)order->lanes++;
        holders[strand->lane] = i;
    }
}

/* --- The interface, see order.h ---------------------------------------- */

bool order_open(struct order *order, const struct trace *trace, bool by_file)
{
    *order = (struct order){.trace = trace};
    struct scratch scratch = {
        .strand_of = pages_get(NUMBERS * sizeof(uint32_t)),
        .place_of = pages_get(places_bytes(order)),
        .last = pages_get(last_bytes(order)),
    };

    order->turns = pages_get(turns_bytes(order));
    order->strands = pages_get(strands_bytes(order));
    bool done = order->turns && order->strands && scratch.strand_of &&
                scratch.place_of && scratch.last;
    if (done) {
        find_strands(order, &scratch);
        place_strands(order);
        place_turns(order, &scratch);
        link_turns(order, &scratch, by_file);
        if (by_file)
            hold_ends(order);
        assign_lanes(order, scratch.strand_of);
    } else {
        order_close(order);
    }
    pages_give(scratch.strand_of, NUMBERS * sizeof(uint32_t));
    pages_give(scratch.place_of, places_bytes(order));
    pages_give(scratch.last, last_bytes(order));
    return done;
}

void order_close(struct order *order)
{
    pages_give(order->turns, turns_bytes(order));
    pages_give(order->strands, strands_bytes(order));
}
