/* map.h - print how the heap is cut up, operation by operation (--map). */
#ifndef MAP_H
#define MAP_H

#include "stage.h"
#include "trace.h"

/*
 * map_print - print one line on standard output: the call, its answer as an
 * offset from the start of the heap (or "mapped"), and every extent that
 * mm_walk shows, in bytes: [used], (free), and overhead bare;
 * "[32]x3" is three in a row, and "|" a gap in the addresses.
 *
 * number: of the op, from 1; answer: what the call returned (free: NULL).
 */
void map_print(const struct stage *stage, size_t number,
               const struct trace_op *op, const void *answer);

#endif
