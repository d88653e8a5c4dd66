/* run.c - the experiments: which sample is taken when; see scaling.h. */
#include "scaling.h"

#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "live.h"
#include "sample.h"
#include "stats.h"

const struct plan plan_full = {
    .blocks = {100, 316, 1000, 3162, 10000, 31623, 100000, 316228, 1000000},
    .blocks_count = 9,
    .threads = {1, 2, 4, 8},
    .threads_count = 4,
    .pairs = 200000,
    .seconds = 0.2,
    .seconds_max = 5,
    .rounds = 5,
};

const struct plan plan_quick = {
    .blocks = {100, 1000, 3162},
    .blocks_count = 3,
    .threads = {1, 2},
    .threads_count = 2,
    .pairs = 2000,
    .seconds = 0.01,
    .seconds_max = 5,
    .rounds = 1,
};

void series_name(const char *path, char *name, size_t bytes)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof(copy), "%s", path ? path : "libc");
    snprintf(name, bytes, "%s", basename(copy));
    if (path && strrchr(name, '.'))
        *strrchr(name, '.') = '\0';
}

/* Take a sample; when there is none, say so once and take no more. */
static enum sample_end series_sample(const char *path, sample_work *work,
                                     const void *job, unsigned seconds,
                                     struct sample *sample, bool *is_over)
{
    enum sample_end end = sample_take(path, work, job, seconds, sample);
    char name[NAME_MAX];

    if (end == SAMPLE_DONE)
        return end;
    *is_over = true;
    series_name(path, name, sizeof(name));
    if (end == SAMPLE_SLOW)
        fprintf(stderr, "scaling: %s needs over %u s: no figure from here on\n",
                name, seconds);
    else
        fprintf(stderr, "scaling: %s: %s: no figure from here on\n", name,
                sample->error);
    return end;
}

/* --- Live blocks ------------------------------------------------------- */

/* The samples of one number of live blocks. */
struct live_samples {
    double ns[SERIES_MAX][LIVE_WAYS][ROUNDS_MAX];
    double loop_ns[SERIES_MAX][LIVE_WAYS][ROUNDS_MAX];
};

/* One round at one number of blocks: all series in turn. */
static bool live_round(const struct plan *plan, struct live_table *table,
                       size_t blocks, int round, struct live_samples *samples)
{
    struct live_job job = {blocks, plan->pairs, (uint64_t)round + 1};
    bool is_sound = true;

    for (size_t s = 0; s < table->series_count; s++) {
        struct live_series *series = &table->series[s];
        struct sample sample;

        if (series->is_over)
            continue;
        if (series_sample(series->path, live_time, &job, plan->seconds_max,
                          &sample, &series->is_over) == SAMPLE_FAILED)
            is_sound = false;
        for (enum live_way way = 0; way < LIVE_WAYS; way++) {
            samples->ns[s][way][round] = sample.ns[way] - sample.loop_ns[way];
            samples->loop_ns[s][way][round] = sample.loop_ns[way];
        }
    }
    return is_sound;
}

static struct live_point live_summary(const struct plan *plan, double *ns,
                                      double *loop_ns)
{
    size_t rounds = (size_t)plan->rounds;

    return (struct live_point){
        .ns = stats_median(ns, rounds),
        .spread = stats_spread(ns, rounds),
        .loop_ns = stats_median(loop_ns, rounds),
    };
}

bool live_run(const struct plan *plan, struct live_table *table)
{
    struct live_samples samples;
    bool is_sound = true;

    for (size_t i = 0; i < plan->blocks_count; i++) {
        fprintf(stderr, "scaling: %zu live blocks\n", plan->blocks[i]);
        for (int round = 0; round < plan->rounds; round++)
            is_sound &=
                live_round(plan, table, plan->blocks[i], round, &samples);
        for (size_t s = 0; s < table->series_count; s++) {
            struct live_series *series = &table->series[s];

            for (enum live_way way = 0; way < LIVE_WAYS; way++)
                series->points[way][i] =
                    series->is_over ? (struct live_point){NAN, NAN, NAN}
                                    : live_summary(plan, samples.ns[s][way],
                                                   samples.loop_ns[s][way]);
        }
    }
    return is_sound;
}

double live_slope(const struct plan *plan, const struct live_point *points)
{
    double n = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;

    for (size_t i = 0; i < plan->blocks_count; i++) {
        double x = log((double)plan->blocks[i]);
        double y = log(points[i].ns);

        if (plan->blocks[i] < 1000 || !isfinite(y))
            continue;
        n++;
        x_sum += x;
        y_sum += y;
        xx_sum += x * x;
        xy_sum += x * y;
    }
    if (n < 3)
        return NAN;
    return (n * xy_sum - x_sum * y_sum) / (n * xx_sum - x_sum * x_sum);
}

/* --- Threads ----------------------------------------------------------- */

/* Calls a second of one way to work. */
struct threads_samples {
    double ops[POINTS_MAX][SERIES_MAX][ROUNDS_MAX];
};

/* One round with one number of threads: all series in turn. */
static bool threads_round(const struct plan *plan, struct threads_table *table,
                          const struct threads_job *job,
                          double samples[SERIES_MAX][ROUNDS_MAX], int round)
{
    bool is_sound = true;

    for (size_t s = 0; s < table->series_count; s++) {
        struct threads_series *series = &table->series[s];
        struct sample sample;

        if (series->is_over)
            continue;
        if (series_sample(series->path, threads_time, job, plan->seconds_max,
                          &sample, &series->is_over) != SAMPLE_DONE)
            is_sound = false;
        series->is_locked = sample.is_locked;
        samples[s][round] = sample.ops;
    }
    return is_sound;
}

/* base: libc's calls a second with one thread, by round. */
static struct threads_point threads_summary(size_t rounds, double *ops,
                                            const double *base)
{
    double relative[ROUNDS_MAX];

    for (size_t r = 0; r < rounds; r++)
        relative[r] = ops[r] / base[r];
    return (struct threads_point){
        .relative = stats_median(relative, rounds),
        .spread = stats_spread(relative, rounds),
        .ops = stats_median(ops, rounds),
    };
}

static void way_summary(const struct plan *plan, struct threads_table *table,
                        enum threads_way way, struct threads_samples *samples)
{
    double base[ROUNDS_MAX];

    memcpy(base, samples->ops[0][0], sizeof(base));
    for (size_t i = 0; i < plan->threads_count; i++) {
        for (size_t s = 0; s < table->series_count; s++) {
            struct threads_series *series = &table->series[s];

            series->points[way][i] =
                series->is_over ? (struct threads_point){NAN, NAN, NAN}
                                : threads_summary((size_t)plan->rounds,
                                                  samples->ops[i][s], base);
        }
    }
}

bool threads_run(const struct plan *plan, struct threads_table *table)
{
    bool is_sound = true;

    for (enum threads_way way = 0; way < WAYS; way++) {
        struct threads_samples samples;

        for (int round = 0; round < plan->rounds; round++) {
            fprintf(stderr, "scaling: threads, %s blocks, round %d of %d\n",
                    threads_way_name(way), round + 1, plan->rounds);
            for (size_t i = 0; i < plan->threads_count; i++) {
                struct threads_job job = {way, plan->threads[i], plan->seconds,
                                          (uint64_t)round + 1};

                is_sound &=
                    threads_round(plan, table, &job, samples.ops[i], round);
            }
        }
        way_summary(plan, table, way, &samples);
    }
    return is_sound;
}
