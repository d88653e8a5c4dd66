/*
 * live.h - the blocks that live at one moment of a recording, by address.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_block {
    uint64_t address; /* in the recorded program, not 0 */
    uint64_t size;    /* bytes asked for */
    uint32_t id;      /* in the trace */
};

struct live {
    struct live_block *slots; /* a hash table; address 0: empty */
    size_t slots_count;       /* 0 or a power of two */
    size_t used;
};

/* Add a block at an address that is not in the table; false: no memory. */
bool live_put(struct live *live, struct live_block block);

/* Take the block at the address out; false when none is there. */
bool live_take(struct live *live, uint64_t address, struct live_block *block);

/* Forget all blocks. */
void live_clear(struct live *live);

#endif
