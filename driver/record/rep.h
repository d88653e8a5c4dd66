/*
 * rep.h - write a recording as a .rep file.
 */
#ifndef REP_H
#define REP_H

#include <stdbool.h>

#include "convert.h"

/* The comments at the head of the file; one line each. */
struct rep_head {
    const char *about;   /* what the trace is */
    const char *made_by; /* the command that makes it again */
};

/*
 * rep_open_check - see that the file can be written, before a long run.
 *
 * Returns 0, or an errno. The file, if there is one, stays as it is.
 */
int rep_open_check(const char *path);

/*
 * rep_write - write the file, whole or not at all.
 *
 * Returns 0, or an errno; a file that was there is then as it was.
 */
int rep_write(const char *path, const struct rep_head *head,
              const struct recording *recording);

#endif
