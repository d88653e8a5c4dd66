/*
 * threads-deadlock.c - all at once, a thread keeps the lock, and two want it.
 *
 * options: -c -s 1
 * trace:
 *   a 0 48
 *   a 1 32
 *   @ 1
 *   f 0
 *   f 1
 *   @ 2
 *   a 0 16
 * message:
 *   threads-deadlock.rep:9: op 4 (free 1) in thread 1, all threads at once: no end of it, the time limit of 1 s is over: an endless loop, or a lock that nobody gives back?;
 *     in the stage at that time: op 5 (malloc 0, 16 bytes) in thread 2
 *     replay: ./mdriver -c -f threads-deadlock.rep --stage ./threads-deadlock.so
 *     when threads meet is left to chance: it may take more than one run
 */
#define MY_FREE
#include "threads.h"

void mm_free(void *ptr)
{
    pthread_mutex_lock(&lock);
    base_free(ptr);
    if (base_block(ptr)->room == 48 && pass == AT_ONCE)
        return;
    pthread_mutex_unlock(&lock);
}
