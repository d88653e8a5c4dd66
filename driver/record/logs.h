/*
 * logs.h - the logs that a recorded command left in a directory.
 */
#ifndef LOGS_H
#define LOGS_H

#include <stddef.h>

#include "log.h"

/* One process's log, mapped into memory; see log.h. */
struct record_log {
    const struct log_header *header;
    const struct log_event *events;
    size_t events_count; /* in the file; header->events may be more */
    size_t bytes;        /* mapped */
    char name[64];       /* of the program, without its folder */
};

/*
 * logs_open - map all logs of a directory, the one with most events first.
 *
 * Returns an array of *count logs (NULL when there are none), to be given to
 * logs_close. Files that are no log are passed over.
 */
struct record_log *logs_open(const char *directory, size_t *count);

void logs_close(struct record_log *logs, size_t count);

/*
 * logs_pick - the log to make a trace from: of the program of that name, or
 * of any if program is "", the one with most events. NULL if there is none.
 */
const struct record_log *logs_pick(const struct record_log *logs, size_t count,
                                   const char *program);

#endif
