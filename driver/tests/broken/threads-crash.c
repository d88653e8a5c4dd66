/*
 * threads-crash.c - a free by another thread follows a null pointer.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 *   f 1
 *   @ 1
 *   f 0
 * message:
 *   threads-crash.rep:9: op 4 (free 0) in thread 1: crashed with SIGSEGV on address 0x8, in no memory of the stage (NULL + 8)
 *     replay: ./mdriver -D -f threads-crash.rep --stage ./threads-crash.so --until 4
 */
#define MY_FREE
#include "threads.h"

static struct base_block *inboxes[8];

void mm_free(void *ptr)
{
    if (is_remote(ptr))
        inboxes[base_block(ptr)->used % 8]->used++;
    locked_free(ptr);
}
