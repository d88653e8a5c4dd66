/*
 * errno-lost.c - mm_free that sets errno.
 *
 * trace:
 *   a 0 24
 *   f 0
 * message:
 *   errno-lost.rep:6: op 2 (free 0): errno is 11 (Resource temporarily unavailable), expected the 33 it was before: free keeps it
 *     replay: ./mdriver -D -f errno-lost.rep --stage ./errno-lost.so --until 2
 */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    base_free(ptr);
    errno = EAGAIN;
}
