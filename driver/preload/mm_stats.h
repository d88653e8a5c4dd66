/*
 * mm_stats.h - MM_STATS: what the heap holds when the process ends.
 */
#ifndef MM_STATS_H
#define MM_STATS_H

#include <stdbool.h>

/*
 * stats_open - look into the environment, as the process starts.
 *
 * MM_STATS=1 sends the line to where standard error leads now, even if the
 * program closes that before it ends. Any other value but 0 is the name of a
 * file to append to.
 */
void stats_open(void);

/* True when the line is wanted. */
bool stats_are_wanted(void);

/*
 * stats_write - walk the heap and write the line.
 *
 * Allocates nothing. The caller sees to it that the heap does not change.
 */
void stats_write(void);

#endif
