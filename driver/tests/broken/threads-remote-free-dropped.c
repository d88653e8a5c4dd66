/*
 * threads-remote-free-dropped.c - what another thread frees is never
 * free again.
 *
 * options: -D
 * trace:
 *   a 0 64
 *   a 1 32
 *   @ 1
 *   f 0
 * message:
 *   threads-remote-free-dropped.rep: after the last op: mm_walk shows 80 bytes in use, in the heap at +0x0, 128 bytes before the break, expected free: no block in it is live;
 *     the next live block is 1, 32 bytes at +96
 *     replay: ./mdriver -D -f threads-remote-free-dropped.rep --stage ./threads-remote-free-dropped.so
 */
#define MY_FREE
#include "threads.h"

void mm_free(void *ptr)
{
    if (!is_remote(ptr))
        locked_free(ptr);
}
