/* stats.h - robust figures of a few repeated measurements. */
#ifndef STATS_H
#define STATS_H

#include <stddef.h>

/*
 * stats_quantile - the value below which a share of the values lies.
 *
 * values: count of them, at least 1; sorted by this call. share: 0 to 1; what
 * lies between two values is interpolated.
 *
 * Source: Hyndman and Fan, Sample quantiles in statistical packages, The
 *         American Statistician 50 (1996), definition 7.
 */
double stats_quantile(double *values, size_t count, double share);

/* The value in the middle. Sorts values. */
double stats_median(double *values, size_t count);

/* (third quartile - first quartile) / median. Sorts values. */
double stats_spread(double *values, size_t count);

#endif
