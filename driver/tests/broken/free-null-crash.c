/*
 * free-null-crash.c - mm_free(NULL) crashes.
 *
 * trace:
 *   a 0 24
 *   f -1
 * message:
 *   free-null-crash.rep:6: op 2 (free NULL): crashed with SIGSEGV on address ADDRESS, in no memory of the stage (ADDRESS)
 *     replay: ./mdriver -D -f free-null-crash.rep --stage ./free-null-crash.so --until 2
 */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    base_block(ptr)->used = 0;
}
