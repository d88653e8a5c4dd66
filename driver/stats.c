/* stats.c - robust figures of a few measurements; see stats.h. */
#include "stats.h"

/* Insertion sort: few values, and no malloc as in libc's qsort. */
static void sort(double *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double value = values[i];
        size_t j = i;

        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

double stats_quantile(double *values, size_t count, double share)
{
    double place = share * (double)(count - 1);
    size_t low = (size_t)place;
    size_t high = low + 1 < count ? low + 1 : low;

    sort(values, count);
    return values[low] + (place - (double)low) * (values[high] - values[low]);
}

double stats_median(double *values, size_t count)
{
    return stats_quantile(values, count, 0.5);
}

double stats_spread(double *values, size_t count)
{
    double range = stats_quantile(values, count, 0.75) -
                   stats_quantile(values, count, 0.25);

    return range / stats_median(values, count);
}
