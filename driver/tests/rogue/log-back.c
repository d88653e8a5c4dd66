/*
 * log-back.c - says that a block was given after the thread had taken the next
 * one.
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
    log[2].given = log[3].taken + 1;
}
