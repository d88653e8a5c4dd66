/*
 * result.h - what is known of one stage on one trace after the replay.
 *
 * Written by the child that replays, read by the parent that reports, through
 * shared memory: fixed size, no pointers.
 */
#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict {
    VERDICT_NONE,      /* the child has not come to an end yet */
    VERDICT_VALID,     /* every answer of every pass was right */
    VERDICT_WRONG,     /* a check failed */
    VERDICT_NO_MEMORY, /* the stage ran out of memory and said so */
    VERDICT_CRASH,     /* a signal */
    VERDICT_EXIT,      /* the stage ended the process itself */
    VERDICT_TIMEOUT,   /* longer than the time limit */
    VERDICT_FLOOD,     /* more output than is let through */
    VERDICT_BROKEN,    /* the stage could not be loaded */
};

/* Index of struct timing's cycles. calloc and memalign count as malloc. */
enum cycle_kind { CYCLES_MALLOC, CYCLES_FREE, CYCLES_REALLOC, CYCLE_KINDS };

/* One trace's timing; see measure.h for how it is got. */
struct timing {
    int pairs;           /* replays of the stage and of glibc, in turn */
    double seconds;      /* the stage's median replay, loop subtracted */
    double libc_seconds; /* glibc's median replay, loop subtracted */
    double speed;        /* T: median over the pairs of glibc / stage */
    double spread;       /* of those ratios: (3rd - 1st quartile) / median */
    /* Of threads timed on all processors, the loop not subtracted above: how
       much sooner they would be through if the calls did nothing; 0 unknown. */
    double calls_seconds;
    double libc_calls_seconds;
    double calls_speed; /* as speed and spread, of these */
    double calls_spread;
    double cycles[CYCLE_KINDS]; /* TSC cycles a call, mean; 0: no such call */
};

/* What a child is at; for the explanation of what goes wrong there. */
enum phase {
    PHASE_LOAD,    /* dlopen and the stage's constructors */
    PHASE_CHECKED, /* the first checked pass; of threads, in turns */
    PHASE_AT_ONCE, /* the checked pass of threads all at once */
    PHASE_TIMED,   /* the timed passes */
    PHASE_LAST,    /* the checked pass on the heap they left */
};

/* Value of result.op while the stage's mm_init runs. */
#define RESULT_INIT SIZE_MAX

/* Value of result.op while threads play: each has its own, see lanes. */
#define RESULT_THREADS (SIZE_MAX - 1)

enum {
    RESULT_TEXT = 4096,
    RESULT_LANES = 64, /* threads whose ops are told; others share with them */
};

/* Where the thread of a lane stands: the index of its op, perhaps with one of
   these; or LANE_IDLE. */
#define LANE_WAITS (SIZE_MAX / 4 + 1) /* for an op of another thread */
#define LANE_ENDS (SIZE_MAX / 2 + 1)  /* the thread ends, after that op */
#define LANE_IDLE SIZE_MAX

/* As long as a cache line, as each is written by another thread. */
struct lane {
    _Atomic size_t at;
    char rest[64 - sizeof(size_t)];
};

struct result {
    enum verdict verdict;
    char error[RESULT_TEXT]; /* the explanation; "" when valid */

    char stage[64];   /* mm_info.name */
    int stage_number; /* mm_info.number */
    char era[16];     /* struct stage's era */
    size_t alignment; /* bytes, checked for every block */
    bool has_usable;  /* the stage knows mm_usable_size */
    bool has_walk;    /* the stage knows mm_walk */
    bool is_locked;   /* the trace has threads, but the stage is not
                         thread-safe: the driver put a lock around it */

    size_t peak_payload;   /* bytes asked for and live, at most, in the order
                              of the file */
    size_t peak_footprint; /* bytes of break and mappings, at most, over all
                              passes; of threads, over those in turns */
    size_t peak_blocks;    /* bytes of live blocks (payload, header, rounding)
                              when the payload peaks, by mm_walk; 0 unknown */
    double utilization;    /* peak_payload / peak_footprint, 0 to 1 */
    struct timing timing;

    bool is_refereed; /* the stage lay in another process; then also: */
    double load;      /* processes at work on the machine, when timed */
    double steal;     /* share of the time that others had, likewise */

    /* Where the replay stands, for the explanation of a crash or time-out. */
    volatile enum phase phase;
    volatile int pass;  /* counts the passes from 1; 0 before mm_init */
    volatile size_t op; /* index of the op under way, or RESULT_... */
    struct lane lanes[RESULT_LANES];
    _Atomic int explainer; /* thread id of who explains; 0: none yet */
};

#endif
