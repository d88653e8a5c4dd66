/*
 * scaling.h - the two experiments of `make scaling`, and what they found.
 *
 * docs/scaling.md says what is measured and why.
 */
#ifndef SCALING_H
#define SCALING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "threads.h"

enum {
    SERIES_MAX = 16, /* allocators in an experiment, libc's among them */
    POINTS_MAX = 9,  /* numbers of live blocks, or of threads */
    ROUNDS_MAX = 9,
};

/* How much is measured. */
struct plan {
    size_t blocks[POINTS_MAX]; /* live */
    size_t blocks_count;
    size_t threads[POINTS_MAX];
    size_t threads_count;
    size_t pairs;         /* a pass with so many live blocks, at most */
    double seconds;       /* that threads work for */
    unsigned seconds_max; /* for one sample; what takes longer has no figure */
    int rounds;           /* every figure is the median of so many samples */
};

extern const struct plan plan_full;  /* minutes */
extern const struct plan plan_quick; /* about a second; figures are worthless */

/* NAN: unknown. */
struct live_point {
    double ns;      /* a pair, the loop subtracted */
    double spread;  /* of ns; share */
    double loop_ns; /* of the loop alone, over the same addresses */
};

struct live_series {
    const char *path; /* of the stage's shared object; NULL: libc */
    bool is_over;     /* a sample was too slow or failed: no more of it */
    struct live_point points[LIVE_WAYS][POINTS_MAX];
};

struct live_table {
    struct live_series series[SERIES_MAX];
    size_t series_count;
};

struct threads_point {
    double ops;      /* a second, all threads together */
    double relative; /* x those of libc with one thread, same round */
    double spread;   /* of relative; share */
};

struct threads_series {
    const char *path;
    bool is_locked;
    bool is_over;
    struct threads_point points[WAYS][POINTS_MAX];
};

struct threads_table {
    struct threads_series series[SERIES_MAX]; /* libc's comes first */
    size_t series_count;
};

/* The series' name: "6-slab", or "libc". */
void series_name(const char *path, char *name, size_t bytes);

/*
 * Measure every series of the table, in turn; progress and failures go to
 * standard error. Returns false when a sample failed otherwise than by being
 * slow.
 */
bool live_run(const struct plan *plan, struct live_table *table);
bool threads_run(const struct plan *plan, struct threads_table *table);

/*
 * live_slope - the exponent k of cost = c x N^k, by least squares through the
 * logarithms, from 1000 live blocks on. NAN with fewer than 3 points.
 */
double live_slope(const struct plan *plan, const struct live_point *points);

void live_print(const struct plan *plan, const struct live_table *table);
void threads_print(const struct plan *plan, const struct threads_table *table);

/* Everything as JSON. Write errors show in ferror. */
void tables_write(const struct plan *plan, const struct live_table *live,
                  const struct threads_table *threads, FILE *out);

#endif
