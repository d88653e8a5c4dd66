/*
 * memalign-missing.c - no mm_memalign of its own.
 *
 * trace:
 *   a 0 40
 *   m 1 64 100
 * message:
 *   memalign-missing.rep:6: op 2 (memalign 1, 100 bytes at a multiple of 64): NULL without need, expected a block: memlib refused nothing, 64 bytes of 67111664 are taken;
 *     the default mm_memalign of libmm goes up to 16; a stage needs its own for more
 *     replay: ./mdriver -D -f memalign-missing.rep --stage ./memalign-missing.so --until 2
 */
#include "base.h"

/* Nothing of its own. */
