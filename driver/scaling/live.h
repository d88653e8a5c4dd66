/*
 * live.h - the cost of a call when many blocks are live.
 *
 * N blocks are live, of sizes that random.h draws. A pair frees one of them
 * and allocates another in its place, so N stay live and the heap is as mixed
 * up as that of a program which has run for long. 8 bytes of a block are
 * written when it is new and read before it is freed, as the least that a
 * program does with it. Which block is replaced is drawn in two ways:
 *
 *   any   any of the N; with 10^6 of them hardly a block, nor what the
 *         allocator knows of it, is in a cache when its turn comes
 *   hot   one of the same 100, while the others just stay; all that a good
 *         allocator needs is in the caches then, however many blocks there
 *         are, so what still grows with N is the allocator's own work
 *
 * The loop is measured apart, as the driver does (timed.h): the same pairs
 * over an allocator that only returns the addresses that the real one gave,
 * moved into memory of the program's own. So the misses of reading and
 * writing the blocks themselves are the loop's, not the allocator's.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample.h"

struct live_job {
    size_t blocks; /* live */
    size_t pairs;  /* in a pass, at most */
    uint64_t seed;
};

/* "any" or "hot" */
const char *live_way_name(enum live_way way);

/*
 * live_time - sets sample->ns and sample->loop_ns: processor time a pair, in
 * the fastest of several passes.
 */
sample_work live_time;

/*
 * live_count - the same pairs, for callgrind to count; job->pairs of each way.
 *
 * Counting begins when the blocks are live. Callgrind writes a dump for each
 * way, of what happens within live_counted_malloc and live_counted_free; before
 * it, one of as many pairs of an allocator that does nothing: what of the count
 * is not the stage's. In front of either as many pairs are played that are not
 * counted, as they only fill the caches that callgrind simulates.
 *
 * Returns false where Valgrind's headers were missing in the build.
 */
bool live_count(const struct stage *stage, const struct live_job *job,
                struct sample *sample);

#endif
