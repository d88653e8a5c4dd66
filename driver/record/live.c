/*
 * live.c - an open hash table with linear probing.
 *
 * At most half of the slots are used. Every block lies at its home slot or in
 * an unbroken run of used slots after it; live_take closes the gap it leaves,
 * so there are no tombstones.
 *
 * Source: Knuth, TAOCP vol. 3 (2nd ed.), 6.4, Algorithms L and R.
 */
#include "live.h"

#include <stdlib.h>

enum { SLOTS_MIN = 1024 };

static size_t slot_home(const struct live *live, uint64_t address)
{
    uint64_t mixed = address * 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio */

    return (size_t)(mixed >> 20) & (live->slots_count - 1);
}

static size_t slot_next(const struct live *live, size_t slot)
{
    return (slot + 1) & (live->slots_count - 1);
}

/* The slot that holds the address, or the empty one where it belongs. */
static size_t slot_find(const struct live *live, uint64_t address)
{
    size_t slot = slot_home(live, address);

    while (live->slots[slot].address && live->slots[slot].address != address)
        slot = slot_next(live, slot);
    return slot;
}

static bool live_grow(struct live *live)
{
    struct live bigger = {.used = live->used};

    bigger.slots_count = live->slots_count ? 2 * live->slots_count : SLOTS_MIN;
    bigger.slots = calloc(bigger.slots_count, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < live->slots_count; i++) {
        if (live->slots[i].address)
            bigger.slots[slot_find(&bigger, live->slots[i].address)] =
                live->slots[i];
    }
    free(live->slots);
    *live = bigger;
    return true;
}

bool live_put(struct live *live, struct live_block block)
{
    if (2 * (live->used + 1) > live->slots_count && !live_grow(live))
        return false;
    live->slots[slot_find(live, block.address)] = block;
    live->used++;
    return true;
}

/* Empty a slot and move later blocks of its run to where they are found. */
static void slot_empty(struct live *live, size_t hole)
{
    size_t mask = live->slots_count - 1;

    for (size_t i = slot_next(live, hole); live->slots[i].address;
         i = slot_next(live, i)) {
        size_t home = slot_home(live, live->slots[i].address);

        if (((i - home) & mask) >= ((i - hole) & mask)) {
            live->slots[hole] = live->slots[i];
            hole = i;
        }
    }
    live->slots[hole].address = 0;
}

bool live_take(struct live *live, uint64_t address, struct live_block *block)
{
    size_t slot = 0;

    if (!live->used)
        return false;
    slot = slot_find(live, address);
    if (!live->slots[slot].address)
        return false;
    *block = live->slots[slot];
    slot_empty(live, slot);
    live->used--;
    return true;
}

void live_clear(struct live *live)
{
    free(live->slots);
    *live = (struct live){.slots = NULL};
}
