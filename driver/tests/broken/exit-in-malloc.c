/*
 * exit-in-malloc.c - mm_malloc that ends the process.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 * message:
 *   exit-in-malloc.rep:6: op 2 (malloc 1, 24 bytes): the stage ended the process with exit status 3, expected it to return
 *     replay: ./mdriver -c -f exit-in-malloc.rep --stage ./exit-in-malloc.so --until 2
 */
#define OWN_MALLOC
#include "base.h"

#include <unistd.h>

void *mm_malloc(size_t size)
{
    static int calls;

    if (++calls == 2)
        _exit(3);
    return base_malloc(size);
}
