/*
 * null-without-errno.c - out of memory, but errno does not say so.
 *
 * options: -c --limit 8K
 * trace:
 *   a 0 4000
 *   a 1 9000
 * message:
 *   null-without-errno.rep:6: op 2 (malloc 1, 9000 bytes): NULL with errno 0 (Success), expected ENOMEM
 *     replay: ./mdriver -D -f null-without-errno.rep --stage ./null-without-errno.so --limit 8192 --until 2
 */
#define OWN_MALLOC
#include "base.h"

void *mm_malloc(size_t size)
{
    void *p = base_malloc(size);

    errno = 0;
    return p;
}
