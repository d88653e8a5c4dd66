/*
 * timed.h - a trace replayed as fast as possible: the loop under the clock.
 *
 * The operations are laid out beforehand as steps, so that the loop decides
 * nothing. It calls an allocator through struct stage, keeps the addresses by
 * id, logs them by operation, and leaves a stamp of 8 bytes in each block
 * that has room for one. The stamp is compared when the block is freed or
 * moved, and the bytes under a calloc's stamp must be zero before: that is
 * what a program would touch at least, and it tells when a stage works less
 * well as soon as it is timed. Where the stamp lies in a block that will be
 * reallocated, or comes from calloc, is drawn at random in each run.
 *
 * The cost of the loop itself is found by an echo: the same steps replayed
 * over an allocator that does nothing. It must hand out the addresses that
 * the real one did, or the loop's own reads and writes would hit other cache
 * lines; so in the echo's steps the size is the address, and its malloc
 * returns its argument. The addresses lie in a region of the driver's own, in
 * the same order and distance (modulo echo_bytes), as writing to blocks that
 * glibc has got back would destroy its heap.
 */
#ifndef TIMED_H
#define TIMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "stage.h"
#include "trace.h"

/* One operation as the loop replays it. */
struct step {
    size_t size;       /* bytes; in an echo: the address to return */
    size_t extra;      /* as in struct trace_op */
    int32_t slot;      /* where the block's address is kept */
    uint32_t check_at; /* offset of the stamp to compare */
    uint32_t stamp_at; /* offset of the stamp to leave */
    uint8_t kind;      /* enum trace_kind */
    bool checks;       /* the block before the operation has a stamp */
    bool stamps;       /* the block after it gets one */
    bool needs;        /* NULL would be wrong */
};

struct timed {
    const struct trace *trace;
    volatile size_t *at; /* gets the index of each operation under way */
    struct step *steps;  /* as many as the trace has operations */
    struct step *fresh;  /* what timed_freshen copies them to */
    void **slots;        /* the live blocks by id; NULL: none */
    void **log;          /* the address each operation of a pass returned */
    size_t wrong;        /* an operation that found its stamp changed, or
                            trace->ops_count: none in the last pass */
    uint64_t stamp;      /* what makes up a stamp beside its slot */
    char *echo;          /* the region that echoes write to, of addresses */
    size_t echo_bytes;   /* modulo this, a power of two */
};

/* The allocator that does nothing, for the steps of an echo. */
extern const struct stage echo_stage;

/*
 * timed_open - lay out the steps of trace; all memory comes from mmap.
 *
 * at: told where the replay stands, as struct result's op.
 *
 * Returns true, after which timed_close is due; false with errno.
 */
bool timed_open(struct timed *timed, const struct trace *trace,
                volatile size_t *at);

void timed_close(struct timed *timed);

/* A new array of as many steps; NULL with errno. */
struct step *timed_new_steps(const struct timed *timed);

void timed_free_steps(const struct timed *timed, struct step *steps);

/* Where the echo of the block at a real address lies; NULL for NULL. */
void *timed_echo_address(const struct timed *timed, const void *real);

/*
 * timed_unlearn - have the processor forget the branches of the pass before.
 *
 * A processor guesses branches by those that came before, and can learn a
 * whole trace by heart when it is replayed at once. No program does a thing
 * twice. Random branches, of any process, take the place of what it knows. It
 * takes about as long as the pass.
 *
 * Source: Seznec and Michaud, A case for (partially) tagged geometric history
 * length branch prediction, JILP 8 (2006), for what there is to forget.
 */
void timed_unlearn(const struct timed *timed);

/*
 * timed_freshen - what is due before a pass that counts, of whatever it is:
 * unlearn, and have a copy of the steps, which has driven other things out of
 * the caches. Every pass begins like that where steps come from another
 * process, see referee/rig.h.
 *
 * Returns the copy, to be played.
 */
const struct step *timed_freshen(const struct timed *timed,
                                 const struct step *steps);

/* Make steps the echo of the last pass: same loop, same addresses. */
void timed_make_echo(const struct timed *timed, struct step *steps);

/* Forget the blocks of the last pass; due before the next. */
void timed_clear(struct timed *timed);

/*
 * timed_play - one pass over steps, those of timed or an echo.
 *
 * Returns true, also when a stamp was wrong; false when an operation got
 * NULL, *timed->at being its index and the blocks before it live.
 */
bool timed_play(struct timed *timed, const struct step *steps,
                const struct stage *stage);

/* The same for the operations [first, end) only. */
bool timed_play_part(struct timed *timed, const struct step *steps,
                     const struct stage *stage, size_t first, size_t end);

/*
 * timed_play_cycles - as timed_play, reading the time-stamp counter after each
 * operation: its difference is added to cycles, by kind.
 *
 * Returns as timed_play does; cycles stay 0 on a machine without a counter.
 */
bool timed_play_cycles(struct timed *timed, const struct step *steps,
                       const struct stage *stage, uint64_t cycles[CYCLE_KINDS]);

/* Under which kind of call a step's cycles are counted. */
enum cycle_kind timed_cycle_kind(enum trace_kind kind);

/*
 * The time-stamp counter, read when all instructions before have completed: a
 * processor that works ahead would otherwise read it half-way through the
 * call before. 0 on a machine without one.
 */
uint64_t timed_counter(void);

#endif
