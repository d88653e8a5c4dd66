/*
 * threads-stuck.c - one thread never comes back, while another is given a
 * block in a live one: told at once, not when the time is over.
 *
 * trace:
 *   a 0 64
 *   a 1 32
 *   a 2 16
 *   @ 1
 *   f 1
 *   a 3 64
 * message:
 *   threads-stuck.rep:10: op 5 (malloc 3, 64 bytes) in thread 1: the block overlaps block 0, which is live, expected bytes of its own;
 *     it starts 16 bytes above the start of block 0 (64 bytes, allocated at line 5) and ends above its end
 *     replay: ./mdriver -c -f threads-stuck.rep --stage ./threads-stuck.so
 *     with -D in place of -c the threads take turns
 */
#include <unistd.h>

#define MY_MALLOC
#include "threads.h"

void *mm_malloc(size_t size)
{
    static char *last;

    if (size == 16) {
        for (;;)
            pause();
    }
    if (size == 64 && last)
        return last + 16;
    char *payload = locked_malloc(size);
    if (size == 64)
        last = payload;
    return payload;
}
