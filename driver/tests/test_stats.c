/* test_stats.c - median, quartiles and spread. */
#include <criterion/criterion.h>

#include "stats.h"

static bool is_near(double a, double b)
{
    return a - b < 1e-12 && b - a < 1e-12;
}

Test(stats, median_of_an_odd_count_is_the_middle)
{
    double values[] = {9, 1, 5};

    cr_assert(is_near(stats_median(values, 3), 5));
}

Test(stats, median_of_an_even_count_is_between)
{
    double values[] = {4, 1, 3, 2};

    cr_assert(is_near(stats_median(values, 4), 2.5));
}

Test(stats, median_ignores_an_outlier)
{
    double values[] = {1, 1, 1000, 1, 1};

    cr_assert(is_near(stats_median(values, 5), 1));
}

Test(stats, one_value_has_no_spread)
{
    double values[] = {7};

    cr_assert(is_near(stats_median(values, 1), 7));
    cr_assert(is_near(stats_spread(values, 1), 0));
}

Test(stats, quartiles_are_interpolated)
{
    double values[] = {4, 3, 2, 1};

    cr_assert(is_near(stats_quantile(values, 4, 0.25), 1.75));
    cr_assert(is_near(stats_quantile(values, 4, 0.75), 3.25));
    cr_assert(is_near(stats_quantile(values, 4, 0.0), 1));
    cr_assert(is_near(stats_quantile(values, 4, 1.0), 4));
    cr_assert(is_near(stats_spread(values, 4), 0.6));
}
