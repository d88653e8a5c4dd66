/*
 * threads-stuck.c - all at once, one thread never comes back, while another is
 * given a block in a live one: told now, not when the time is over.
 *
 * trace:
 *   a 0 64
 *   a 1 32
 *   a 2 16
 *   @ 1
 *   f 1
 *   a 3 64
 * message:
 *   threads-stuck.rep:10: op 5 (malloc 3, 64 bytes) in thread 1, all threads at once: the block overlaps block 0, which is live, expected bytes of its own;
 *     it starts 16 bytes above the start of block 0 (64 bytes, allocated at line 5) and ends above its end
 *     replay: ./mdriver -c -f threads-stuck.rep --stage ./threads-stuck.so
 *     when threads meet is left to chance: it may take more than one run
 */
#include <unistd.h>

#define MY_MALLOC
#include "threads.h"

void *mm_malloc(size_t size)
{
    static char *last;

    while (size == 16 && pass == AT_ONCE)
        pause();
    if (size == 64 && last)
        return last + 16;
    char *payload = locked_malloc(size);
    if (size == 64 && pass == AT_ONCE)
        last = payload;
    return payload;
}
