/*
 * no-memory.c - sound: it runs out of memory and says so.
 *
 * options: -c --limit 8K
 * trace:
 *   a 0 4000
 *   a 1 4000
 *   a 2 4000
 * message:
 *   no-memory.rep:7: op 3 (malloc 2, 4000 bytes): out of memory: asked for 4000 bytes with 8032 bytes of footprint (limit 8192);
 *     the live blocks hold 8000 bytes; --limit grants more
 *     replay: ./mdriver -c -f no-memory.rep --stage ./no-memory.so --limit 8192 --until 3
 */
#include "base.h"

/* Nothing of its own. */
