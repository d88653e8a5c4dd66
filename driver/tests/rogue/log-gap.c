/*
 * log-gap.c - wipes an address out of the log of its threads.
 *
 * referee: wrong
 * says: has written over the record of its threads
 * trace:
 *   a 0 16
 *   f 0
 *   a 1 16
 *   f 1
 *   a 2 16
 *   f 2
 *   @ 1
 *   a 3 32
 *   f 3
 *   a 4 32
 *   f 4
 *   a 5 32
 *   f 5
 */
#include "forges-log.h"

static void forge(struct event *log)
{
    log[2].address = NULL;
}
