/*
 * score.h - from measurements to points: pure functions, no measuring.
 *
 * A trace: 100 x U x min(1, T), where U is the utilization (peak payload /
 * peak footprint) and T the speed (glibc's time / the stage's). A trace of
 * weight 2 counts utilization only (T = 1), of weight 3 speed only (U = 1),
 * of weight 0 nothing; an invalid trace scores 0. A stage: the mean over the
 * traces that are scored.
 *
 * Source: Bryant and O'Hallaron's malloc lab for the weights and for the
 * performance index.
 */
#ifndef SCORE_H
#define SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "result.h"
#include "trace.h"

/* What is said of a stage over all its traces. */
struct total {
    size_t traces; /* replayed */
    size_t valid;  /* of them */
    size_t scored; /* traces of a weight other than 0 */

    /* NAN in any of these: unknown, as nothing of the kind was measured. */
    double score;       /* mean over the scored traces, 0 to 100 */
    double utilization; /* arithmetic mean over weights 1 and 2, 0 to 1 */
    double speed;       /* geometric mean of T over weights 1 and 3 */
    double perf_index;  /* the textbook's, 0 to 100 */
    double kops;        /* thousands of operations a second, weights 1 and 3 */
    double cycles[CYCLE_KINDS]; /* mean over the traces that have such calls */
};

/* peak_payload / peak_footprint, 0 to 1; 0 when there is no footprint. */
double score_utilization(const struct result *result);

/* Thousands of operations a second; NAN when not timed. */
double score_kops(const struct trace *trace, const struct result *result);

/*
 * score_trace - the points of one trace, 0 to 100.
 *
 * Returns NAN when there is nothing to score: weight 0, or a valid trace of
 * which what its weight asks for was not measured.
 */
double score_trace(const struct trace *trace, const struct result *result);

/*
 * score_pass - the seconds that a pass counts, of a stage that may remember.
 *
 * seconds: what it took. first: what the first pass took that this process
 * played of the trace; a later one counts no less than a third of it.
 */
double score_pass(double seconds, double first);

/* The total over count traces and their results, in the same order. */
struct total score_total(const struct trace *const *traces,
                         const struct result *results, size_t count);

#endif
