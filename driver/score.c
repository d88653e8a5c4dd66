/* score.c - from measurements to points; see score.h. */
#include "score.h"

#include <math.h>

/* The textbook's reference throughput, that of libc's malloc in 2001. */
static const double textbook_kops = 600.0;
static const double textbook_utilization_share = 0.6;

/* Times that a pass may be slower when it is new. */
static const double new_most = 3.0;

/* An arithmetic mean on its way. */
struct mean {
    double sum;
    size_t count;
};

static void mean_add(struct mean *mean, double value)
{
    mean->sum += value;
    mean->count++;
}

static double mean_value(const struct mean *mean)
{
    return mean->count > 0 ? mean->sum / (double)mean->count : NAN;
}

static bool counts_utilization(const struct trace *trace)
{
    return trace->weight == 1 || trace->weight == 2;
}

static bool counts_speed(const struct trace *trace)
{
    return trace->weight == 1 || trace->weight == 3;
}

static bool is_timed(const struct result *result)
{
    return result->timing.pairs > 0;
}

double score_utilization(const struct result *result)
{
    if (result->peak_footprint == 0)
        return 0.0;
    return (double)result->peak_payload / (double)result->peak_footprint;
}

double score_kops(const struct trace *trace, const struct result *result)
{
    if (!is_timed(result))
        return NAN;
    return (double)trace->ops_count / result->timing.seconds / 1e3;
}

double score_pass(double seconds, double first)
{
    return fmax(seconds, first / new_most);
}

double score_trace(const struct trace *trace, const struct result *result)
{
    double points = 100.0;

    if (trace->weight == 0)
        return NAN;
    if (result->verdict != VERDICT_VALID)
        return 0.0;
    if (counts_utilization(trace))
        points *= result->peak_footprint > 0 ? result->utilization : NAN;
    if (counts_speed(trace))
        points *= is_timed(result) ? fmin(1.0, result->timing.speed) : NAN;
    return points;
}

/* The sums behind a struct total. */
struct sums {
    struct mean score;
    struct mean utilization;
    struct mean log_speed; /* the mean of logarithms is a geometric mean */
    struct mean cycles[CYCLE_KINDS];
    double ops;
    double seconds;
    size_t scored_valid;
};

static void sums_add_timing(struct sums *sums, const struct trace *trace,
                            const struct timing *timing)
{
    mean_add(&sums->log_speed, log(timing->speed));
    sums->ops += (double)trace->ops_count;
    sums->seconds += timing->seconds;
    for (int kind = 0; kind < CYCLE_KINDS; kind++) {
        if (timing->cycles[kind] > 0)
            mean_add(&sums->cycles[kind], timing->cycles[kind]);
    }
}

static void sums_add(struct sums *sums, const struct trace *trace,
                     const struct result *result)
{
    if (trace->weight != 0)
        mean_add(&sums->score, score_trace(trace, result));
    if (result->verdict != VERDICT_VALID)
        return;
    if (trace->weight != 0)
        sums->scored_valid++;
    if (counts_utilization(trace) && result->peak_footprint > 0)
        mean_add(&sums->utilization, result->utilization);
    if (counts_speed(trace) && is_timed(result))
        sums_add_timing(sums, trace, &result->timing);
}

/* The textbook gives no index at all to an mm.c with an invalid trace. */
static double perf_index(const struct total *total, const struct sums *sums)
{
    double share = textbook_utilization_share;
    double throughput = total->kops / textbook_kops;

    if (sums->scored_valid < total->scored)
        return 0.0;
    if (throughput > 1.0)
        throughput = 1.0;
    return 100.0 * (share * total->utilization + (1.0 - share) * throughput);
}

struct total score_total(const struct trace *const *traces,
                         const struct result *results, size_t count)
{
    struct sums sums = {0};
    struct total total = {.traces = count};

    for (size_t i = 0; i < count; i++) {
        sums_add(&sums, traces[i], &results[i]);
        total.valid += results[i].verdict == VERDICT_VALID;
        total.scored += traces[i]->weight != 0;
    }
    total.score = mean_value(&sums.score);
    total.utilization = mean_value(&sums.utilization);
    total.speed = exp(mean_value(&sums.log_speed));
    total.kops = sums.seconds > 0 ? sums.ops / sums.seconds / 1e3 : NAN;
    total.perf_index = perf_index(&total, &sums);
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        total.cycles[kind] = mean_value(&sums.cycles[kind]);
    return total;
}
