/*
 * threads-end-crash.c - at a thread's end a cache is given back that is
 * not there.
 *
 * trace:
 *   a 0 24
 *   @ 1
 *   a 1 24
 *   f 1
 * message:
 *   threads-end-crash.rep:8: op 3 (free 1) in thread 1: crashed with SIGSEGV on address 0x8, in no memory of the stage (NULL + 8);
 *     that was its last op: the thread was ending, and the stage saw to it
 *     replay: ./mdriver -D -f threads-end-crash.rep --stage ./threads-end-crash.so --until 3
 */
#define MY_FREE
#include "threads.h"

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void give_back(void *cache)
{
    *(volatile char *)cache = 0;
}

static void key_create(void)
{
    pthread_key_create(&key, give_back);
}

void mm_free(void *ptr)
{
    pthread_once(&once, key_create);
    pthread_setspecific(key, (void *)8);
    locked_free(ptr);
}
