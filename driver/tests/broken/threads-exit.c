/*
 * threads-exit.c - a thread that frees what another has ends the process.
 *
 * trace:
 *   a 0 24
 *   @ 1
 *   f 0
 * message:
 *   threads-exit.rep:7: op 2 (free 0) in thread 1: the stage ended the process with exit status 3, expected it to return
 *     replay: ./mdriver -c -f threads-exit.rep --stage ./threads-exit.so
 *     with -D in place of -c the threads take turns
 */
#include <stdlib.h>

#define MY_FREE
#include "threads.h"

void mm_free(void *ptr)
{
    if (is_remote(ptr))
        exit(3);
    locked_free(ptr);
}
