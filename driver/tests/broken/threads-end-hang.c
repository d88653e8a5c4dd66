/*
 * threads-end-hang.c - a thread's end waits for ever.
 *
 * options: -c -s 1
 * trace:
 *   a 0 24
 *   @ 1
 *   a 1 24
 *   f 1
 * message:
 *   threads-end-hang.rep:8: op 3 (free 1) in thread 1: this was the thread's last op, but no end of the thread, the time limit of 1 s is over: what the stage does at its end
 *     replay: ./mdriver -c -f threads-end-hang.rep --stage ./threads-end-hang.so --until 3
 */
#include <unistd.h>

#define MY_FREE
#include "threads.h"

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void give_back(void *cache)
{
    (void)cache;
    for (;;)
        pause();
}

static void key_create(void)
{
    pthread_key_create(&key, give_back);
}

void mm_free(void *ptr)
{
    pthread_once(&once, key_create);
    pthread_setspecific(key, ptr);
    locked_free(ptr);
}
