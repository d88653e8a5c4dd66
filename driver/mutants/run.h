/*
 * run.h - one trace on a stage that has a seeded bug, switched on for a while.
 *
 * A library of mutants holds a stage's code once, and every bug seeded into it
 * as an alternative that is taken while lab_mutant has its number. So a bug can
 * act on the heap and then be gone: the calls that follow, and mm_checkheap,
 * are the author's own code on a heap that a bug has been at.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "result.h"
#include "trace.h"

/* A moment of a run: so many operations of the trace are over. mm_init is
   before moment 0. */
typedef size_t moment;

#define RUN_NEVER ((moment)SIZE_MAX)

struct run {
    const char *library; /* of mutants */
    struct trace *trace; /* of one thread */
    int mutant;          /* its number; 0: none */
    moment until;        /* it acts up to here: 0 in mm_init only */
    bool looks;          /* call mm_checkheap at every moment, the bug off */
};

/* What came of a run. */
struct run_end {
    enum verdict verdict; /* what the caller has met; NONE: mm_checkheap spoke
                             before, or did not come back */
    moment harm;          /* the op that failed, from 1; ops + 1: at the end */
    moment alarm;         /* when mm_checkheap was first false; or RUN_NEVER */
    bool check_died;      /* mm_checkheap crashed, ended the process or hung */
    char why[256];        /* the caller's words, their first line */
    char said[256]; /* the last line printed: the checker's, at an alarm */
};

/*
 * run_trace - do it, in a process of its own.
 *
 * Returns false, with a message on standard error, when that cannot be.
 */
bool run_trace(const struct run *run, struct run_end *outcome);

#endif
