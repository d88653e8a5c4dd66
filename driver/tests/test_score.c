/* test_score.c - points by weight and verdict, and the totals of a stage. */
#include <criterion/criterion.h>
#include <math.h>

#include "score.h"

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static struct trace trace_of(int weight, size_t ops)
{
    return (struct trace){.weight = weight, .ops_count = ops};
}

/* A valid result with that utilization and speed, a second for its ops. */
static struct result result_of(double utilization, double speed)
{
    return (struct result){
        .verdict = VERDICT_VALID,
        .peak_payload = (size_t)(utilization * 1000),
        .peak_footprint = 1000,
        .utilization = utilization,
        .timing = {.pairs = 5, .seconds = 1.0, .speed = speed}};
}

Test(score, utilization_is_payload_over_footprint)
{
    struct result result = {.peak_payload = 30, .peak_footprint = 40};

    cr_assert(is_near(score_utilization(&result), 0.75));
}

Test(score, utilization_without_a_footprint_is_0)
{
    struct result result = {.peak_payload = 30};

    cr_assert(is_near(score_utilization(&result), 0.0));
}

Test(score, weight_1_counts_both)
{
    struct trace trace = trace_of(1, 10);
    struct result result = result_of(0.8, 0.5);

    cr_assert(is_near(score_trace(&trace, &result), 40.0));
}

Test(score, faster_than_glibc_gains_nothing)
{
    struct trace trace = trace_of(1, 10);
    struct result result = result_of(0.8, 3.0);

    cr_assert(is_near(score_trace(&trace, &result), 80.0));
}

Test(score, weight_2_counts_utilization_only)
{
    struct trace trace = trace_of(2, 10);
    struct result result = result_of(0.8, 0.5);

    result.timing.pairs = 0;
    cr_assert(is_near(score_trace(&trace, &result), 80.0));
}

Test(score, weight_3_counts_speed_only)
{
    struct trace trace = trace_of(3, 10);
    struct result result = result_of(0.8, 0.5);

    result.peak_footprint = 0;
    cr_assert(is_near(score_trace(&trace, &result), 50.0));
}

Test(score, weight_0_has_no_score)
{
    struct trace trace = trace_of(0, 10);
    struct result result = result_of(0.8, 0.5);

    cr_assert(isnan(score_trace(&trace, &result)));
    result.verdict = VERDICT_CRASH;
    cr_assert(isnan(score_trace(&trace, &result)));
}

Test(score, invalid_is_0_whatever_was_measured)
{
    struct trace trace = trace_of(1, 10);
    struct result result = result_of(0.8, 0.5);

    for (int verdict = VERDICT_NONE; verdict <= VERDICT_BROKEN; verdict++) {
        result.verdict = (enum verdict)verdict;
        if (verdict != VERDICT_VALID)
            cr_assert(is_near(score_trace(&trace, &result), 0.0));
    }
}

Test(score, what_was_not_measured_is_unknown_not_0)
{
    struct trace trace = trace_of(1, 10);
    struct result untimed = result_of(0.8, 0.5);
    struct result unmeasured = result_of(0.8, 0.5);

    untimed.timing.pairs = 0;
    unmeasured.peak_footprint = 0;
    cr_assert(isnan(score_trace(&trace, &untimed)));
    cr_assert(isnan(score_trace(&trace, &unmeasured)));
    cr_assert(isnan(score_kops(&trace, &untimed)));
}

Test(score, kops_are_thousands_a_second)
{
    struct trace trace = trace_of(1, 3000);
    struct result result = result_of(0.8, 0.5);

    result.timing.seconds = 0.5;
    cr_assert(is_near(score_kops(&trace, &result), 6.0));
}

/* The total over traces of the given weights, all with the same results. */
static struct total total_of(struct trace *traces, struct result *results,
                             size_t count)
{
    const struct trace *list[8];

    for (size_t i = 0; i < count; i++)
        list[i] = &traces[i];
    return score_total(list, results, count);
}

Test(score, total_means)
{
    struct trace traces[] = {trace_of(1, 100), trace_of(2, 100),
                             trace_of(3, 100), trace_of(0, 100)};
    struct result results[] = {result_of(0.8, 0.25), result_of(0.4, 100),
                               result_of(0.1, 4), result_of(0.01, 0.01)};
    struct total total = total_of(traces, results, 4);

    cr_assert(total.traces == 4 && total.valid == 4 && total.scored == 3);
    cr_assert(is_near(total.utilization, 0.6)); /* of 0.8 and 0.4 */
    cr_assert(is_near(total.speed, 1.0));       /* sqrt(0.25 x 4) */
    cr_assert(is_near(total.score, (20.0 + 40.0 + 100.0) / 3));
    cr_assert(is_near(total.kops, 0.1)); /* 200 ops in 2 seconds */
}

Test(score, an_invalid_trace_counts_0_and_is_left_out_of_the_means)
{
    struct trace traces[] = {trace_of(1, 100), trace_of(1, 100)};
    struct result results[] = {result_of(0.8, 1), result_of(0.4, 0.1)};
    results[1].verdict = VERDICT_WRONG;
    struct total total = total_of(traces, results, 2);

    cr_assert(total.valid == 1);
    cr_assert(is_near(total.score, 40.0));
    cr_assert(is_near(total.utilization, 0.8));
    cr_assert(is_near(total.speed, 1.0));
    cr_assert(is_near(total.perf_index, 0.0));
}

Test(score, perf_index_is_the_textbooks)
{
    struct trace traces[] = {trace_of(1, 300000)};
    struct result results[] = {result_of(0.9, 1)};
    struct total total = total_of(traces, results, 1);

    cr_assert(is_near(total.perf_index, 100 * (0.6 * 0.9 + 0.4 * 0.5)));
    traces[0].ops_count = 60000000;
    total = total_of(traces, results, 1);
    cr_assert(is_near(total.perf_index, 100 * (0.6 * 0.9 + 0.4)));
}

Test(score, cycles_are_averaged_over_traces_with_such_calls)
{
    struct trace traces[] = {trace_of(1, 10), trace_of(1, 10)};
    struct result results[] = {result_of(1, 1), result_of(1, 1)};
    results[0].timing.cycles[CYCLES_MALLOC] = 20;
    results[1].timing.cycles[CYCLES_MALLOC] = 40;
    results[1].timing.cycles[CYCLES_FREE] = 7;
    struct total total = total_of(traces, results, 2);

    cr_assert(is_near(total.cycles[CYCLES_MALLOC], 30));
    cr_assert(is_near(total.cycles[CYCLES_FREE], 7));
    cr_assert(isnan(total.cycles[CYCLES_REALLOC]));
}

Test(score, nothing_measured_gives_nothing_known)
{
    struct trace traces[] = {trace_of(0, 10)};
    struct result results[] = {result_of(1, 1)};
    struct total total = total_of(traces, results, 1);

    cr_assert(isnan(total.score) && isnan(total.utilization));
    cr_assert(isnan(total.speed) && isnan(total.kops));
    cr_assert(isnan(total.perf_index));
}

Test(score, what_is_known_again_counts_a_third_at_least)
{
    cr_assert(is_near(score_pass(2.0, 3.0), 2.0));
    cr_assert(is_near(score_pass(0.001, 3.0), 1.0));
    cr_assert(is_near(score_pass(4.0, 3.0), 4.0));
}
