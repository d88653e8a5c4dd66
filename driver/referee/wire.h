/*
 * wire.h - what the referee and the player say to each other, and how.
 *
 * The player is the process that holds a submission. Both map the same files
 * (memfd_create(2)): the wire, which this page lays out, the terms with the
 * steps of a timed pass, which the player can only read, and the memory of heap
 * and mappings (struct mem_share). Who waits, waits for a futex.
 *
 * Nothing the player writes is believed. What the referee reads of the wire it
 * copies first, and looks at afterwards.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crash.h"
#include "memlib_sim.h"
#include "mm.h"
#include "result.h"
#include "timed.h"
#include "timed_crew.h"
#include "trace.h"

enum {
    WIRE_SLOTS = 256,   /* threads of a player, and its main one */
    WIRE_SEATS = 2,     /* players at a time: */
    SEAT_MAIN = 0,      /* the one of the checked passes, */
    SEAT_FRESH = 1,     /* and one after another for the passes that count */
    WIRE_EXTENTS = 128, /* of mm_walk, told at once */
    WIRE_CLAIMS = 4096, /* entries, beside CLAIMS_PER_OP for each operation */
    CLAIMS_PER_OP = 8,
};

/* Value of a slot's usable when it has not been asked for. */
#define WIRE_UNKNOWN SIZE_MAX

/* Whose turn it is in a slot. */
enum whose { TURN_REFEREE, TURN_PLAYER };

/* What the referee asks for, with its arguments. */
enum call {
    CALL_LOAD,      /* load the stage and fill in the hello */
    CALL_INIT,      /* enum mem_mode */
    CALL_MALLOC,    /* size */
    CALL_FREE,      /* address */
    CALL_REALLOC,   /* address, size */
    CALL_CALLOC,    /* count, size */
    CALL_MEMALIGN,  /* align, size */
    CALL_USABLE,    /* address */
    CALL_CHECKHEAP, /* line */
    CALL_WALK,
    CALL_TOUCH,  /* bytes of mappings: read what a timed pass will */
    CALL_PLAY,   /* first step, end, stamp */
    CALL_CYCLES, /* as CALL_PLAY */
    CALL_CREW,   /* whether to lock: all threads play */
    CALL_THREAD, /* slot: have a thread for it */
    CALL_JOIN,   /* slot: wait for the end of its thread */
    CALL_LEAVE,  /* the thread of this slot ends; of slot 0 the process */
};

/* What the player has to say when it is the referee's turn. */
enum says {
    SAYS_ANSWER,  /* the call is over */
    SAYS_MEMLIB,  /* args: a struct mem_call; goes on when it is made */
    SAYS_GROW,    /* args: bytes that the heap is to have, in a warm pass */
    SAYS_EXTENTS, /* args: how many of the seat's extents are to be seen */
    SAYS_GATE,    /* all threads of a CALL_CREW are there, and may begin; */
    SAYS_END,     /* the last has played its last operation */
};

/* One conversation, of a thread of the referee with one of the player. */
struct slot {
    _Alignas(64) _Atomic uint32_t turn;
    _Atomic uint32_t asleep[2]; /* by whose turn it is that they sleep for */
    uint32_t call;
    uint32_t says;
    int32_t error; /* errno, before and after a call */
    uint32_t is_alone;
    size_t args[5];
    size_t answer;
    size_t usable; /* of the block that was given, or WIRE_UNKNOWN */
};

/* What a player says of the stage, once loaded. */
struct hello {
    char error[RESULT_TEXT / 2]; /* why it cannot be; "" when it is */
    char name[64];
    char era[16];
    size_t alignment;
    int32_t number;
    bool thread_safe;
    bool has_memalign;
};

/* One argument of a call to memlib in a timed pass; a call has as many entries
   in a row as arguments. */
struct claim {
    uint32_t op; /* during which it was made; UINT32_MAX: mm_init */
    uint32_t kind;
    size_t arg;
};

/* What belongs to one player. */
struct seat {
    struct hello hello;
    struct crash crash; /* number 0: none */
    uint32_t slot;      /* of the thread that crashed or called exit */
    bool is_told;       /* that is known */

    volatile size_t at; /* the step of a timed pass under way */
    size_t wrong;       /* as struct timed's */
    struct result crew; /* of a CALL_CREW: where the threads stand; and */
    uint32_t crew_wrong, crew_null, crew_clock; /* as struct timed_crew's */
    uint64_t cycles[CYCLE_KINDS];
    size_t granted; /* bytes of the heap in a warm pass, without asking */
    size_t claims;  /* entries; more were made than there is room if above */

    struct mm_extent extents[WIRE_EXTENTS];
    struct slot slots[WIRE_SLOTS];
};

/* What the referee lays down; the steps follow in the same file. */
struct terms {
    size_t ops;
    size_t ids;
    size_t threads;
    size_t lanes; /* as struct order's, of more than one thread */
    size_t limit;
    struct mem_share share; /* but for the files */
    size_t claims_most;
    uint32_t spins;           /* looks at a turn before sleeping */
    struct mem_extent extent; /* pages that a fresh player finds used */
    uint64_t junk;            /* what it is to write over them */
};

/* The beginning of the wire; log and claims follow. */
struct wire {
    struct seat seats[WIRE_SEATS];
};

/* What is said at the door, over the control socket. */
struct message {
    enum door {
        DOOR_READY, /* from the player's first process: it waits for others */
        DOOR_SIT,   /* to it: have a new player take this seat */
        DOOR_HELLO, /* from that player; the kernel tells who it is */
        DOOR_KILL,  /* to the first process: end the player of this seat */
        DOOR_DIED,  /* from it: that player is no more */
    } door;
    uint32_t seat;
    int32_t status; /* as of wait(2) */
};

/* Bytes of the whole wire for a trace of so many operations. */
size_t wire_bytes(size_t ops);

/* The addresses that a timed pass got, by operation. */
void **wire_log(struct wire *wire);

/* In the same place, what a pass of all threads got, by place. */
struct event *wire_events(struct wire *wire);

/* Bytes of the file of terms and steps; behind these lie, for a pass of all
   threads, the turns and the strands. */
size_t wire_terms_bytes(size_t ops, size_t threads);
struct step *wire_steps(const struct terms *terms);
struct turn *wire_turns(const struct step *steps, size_t ops);
struct strand *wire_strands(const struct step *steps, size_t ops);

struct claim *wire_claims(struct wire *wire, size_t ops);

/* How many arguments a call of memlib has; 0: there is none of that kind. */
size_t wire_arguments(uint32_t kind);

/* Overwrite the pages of a file that are in use, mapped at base, with junk, so
 * that they tell nothing of the passes before, and are at hand. */
void wire_spoil(int file, char *base, uint64_t junk);

/* Hand the turn over and wake who waits for it. */
void wire_give(struct slot *slot, enum whose turn);

/*
 * wire_await - wait until it is that turn.
 *
 * spins: looks at it before sleeping. seconds: the longest sleep.
 *
 * Returns false when the time is over.
 */
bool wire_await(struct slot *slot, enum whose turn, uint32_t spins,
                double seconds);

#endif
