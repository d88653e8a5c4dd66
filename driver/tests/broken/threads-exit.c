/*
 * threads-exit.c - a thread that frees what another has ends the process.
 *
 * trace:
 *   a 0 24
 *   @ 1
 *   f 0
 * message:
 *   threads-exit.rep:7: op 2 (free 0) in thread 1, all threads at once: the stage ended the process with exit status 3, expected it to return
 *     replay: ./mdriver -c -f threads-exit.rep --stage ./threads-exit.so
 *     when threads meet is left to chance: it may take more than one run
 */
#include <stdlib.h>

#define MY_FREE
#include "threads.h"

void mm_free(void *ptr)
{
    if (is_remote(ptr) && pass == AT_ONCE)
        exit(3);
    locked_free(ptr);
}
