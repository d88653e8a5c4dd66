/*
 * kills-itself.c - mm_free that sends SIGKILL.
 *
 * trace:
 *   a 0 24
 *   f 0
 * message:
 *   kills-itself.rep:6: op 2 (free 0): killed by SIGKILL, by itself or from outside; perhaps the machine ran out of memory (dmesg tells)
 *     replay: ./mdriver -D -f kills-itself.rep --stage ./kills-itself.so --until 2
 */
#define OWN_FREE
#include "base.h"

#include <signal.h>

void mm_free(void *ptr)
{
    (void)ptr;
    raise(SIGKILL);
}
