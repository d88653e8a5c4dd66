/*
 * forges-log.h - for a stage that writes over the log of a timed pass of all
 * threads, where that cannot be told by the addresses.
 *
 * The trace has two threads: one that asks for blocks of SMALL bytes, and gives
 * each back, and one that does so with LARGE ones. The file that includes this
 * defines what becomes of the log of the first, at its last operation.
 */
#ifndef FORGES_LOG_H
#define FORGES_LOG_H

#include "speaks.h"

#define MY_FREE
#include "../broken/threads.h"

enum { SMALL = 16, LARGE = 32, FREES = 3 };

static void forge(struct event *log);

void mm_free(void *ptr)
{
    static _Thread_local int frees;

    if (++frees == FREES && is_timed() && base_usable_size(ptr) == SMALL)
        forge(wire_events(the_wire()));
    locked_free(ptr);
}

#endif
