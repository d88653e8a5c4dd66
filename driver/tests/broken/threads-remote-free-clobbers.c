/*
 * threads-remote-free-clobbers.c - a block freed by another thread is
 * linked in its neighbour.
 *
 * trace:
 *   a 0 64
 *   a 1 64
 *   @ 1
 *   f 0
 * message:
 *   threads-remote-free-clobbers.rep:8: op 3 (free 0) in thread 1: payload byte 0 of block 1 is 0x2a, expected 0x6e;
 *     block 1 (64 bytes, allocated at line 6) lies in the heap at +0x60, 64 bytes before the break, below no other live block
 *     replay: ./mdriver -D -f threads-remote-free-clobbers.rep --stage ./threads-remote-free-clobbers.so --until 3
 */
#define MY_FREE
#include "threads.h"

void mm_free(void *ptr)
{
    if (is_remote(ptr))
        memset((char *)ptr + base_block(ptr)->room + 16, 0x2a, 8);
    locked_free(ptr);
}
