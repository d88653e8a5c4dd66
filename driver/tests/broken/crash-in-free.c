/*
 * crash-in-free.c - mm_free that follows a pointer in the payload.
 *
 * trace:
 *   a 0 24
 *   a 1 24
 *   f 0
 * message:
 *   crash-in-free.rep:7: op 3 (free 0): crashed with SIGSEGV on address 0x0, in no memory of the stage (NULL)
 *     replay: ./mdriver -D -f crash-in-free.rep --stage ./crash-in-free.so --until 3
 */
#define OWN_FREE
#include "base.h"

struct node {
    struct node *next;
};

void mm_free(void *ptr)
{
    struct node *node = ptr;

    node->next = NULL;
    node->next->next = node;
}
