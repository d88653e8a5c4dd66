/*
 * threads-same-block.c - a block that one thread has is given to another, too.
 *
 * trace:
 *   a 0 64
 *   a 1 32
 *   @ 1
 *   f 1
 *   a 2 64
 * message:
 *   threads-same-block.rep:9: op 4 (malloc 2, 64 bytes) in thread 1: the block overlaps block 0, which is live, expected bytes of its own;
 *     it starts where block 0 (64 bytes, allocated at line 5) does
 *     replay: ./mdriver -D -f threads-same-block.rep --stage ./threads-same-block.so --until 4
 */
#define MY_MALLOC
#include "threads.h"

void *mm_malloc(size_t size)
{
    static void *last;
    static size_t owner;

    if (size == 64 && last && owner != thread_number())
        return last;
    void *payload = locked_malloc(size);
    if (size == 64) {
        last = payload;
        owner = thread_number();
    }
    return payload;
}
