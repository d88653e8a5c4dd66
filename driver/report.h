/*
 * report.h - results as people and programs read them.
 *
 * A run is one stage on a set of traces. Every function takes several runs,
 * so that one table can hold the scores of all stages.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result.h"
#include "trace.h"

/*
 * One stage on count traces; results[i] belongs to traces[i]. The runs of one
 * report share their traces.
 */
struct run {
    const char *label; /* "4-segregated", "libc" */
    const struct trace *const *traces;
    const struct result *results;
    size_t count;
};

struct report_options {
    bool color; /* mark with escape sequences; for terminals only */
    bool brief; /* leave out the table of each run when there are several */
};

/*
 * One word for a verdict, of at most 6 letters: "valid", "wrong", "memory",
 * "crash", "exit", "hang", "flood", "broken", "none" (not replayed).
 */
const char *report_verdict(enum verdict verdict);

/*
 * report_table - what mdriver prints: a table for each run with the errors
 * in full below it, and, when there are several runs, one table of all
 * scores: traces down, stages across. At most 100 columns wide but for names
 * and errors, which are never cut.
 */
void report_table(FILE *out, const struct run *runs, size_t count,
                  const struct report_options *options);

/*
 * report_errors - the explanation of every trace that is not valid, as below
 * the tables. What befalls a stage before mm_init, trace after trace, is said
 * once, with the count of the others.
 */
void report_errors(FILE *out, const struct run *runs, size_t count);

/* The same numbers as in the tables, separated by tabs, under one line of
 * names. */
void report_tabs(FILE *out, const struct run *runs, size_t count);

/*
 * report_trace - one line on one trace, for -V while the replay goes on:
 * name, verdict, utilization, speed, score, and the error if there is one.
 */
void report_trace(FILE *out, const struct trace *trace,
                  const struct result *result,
                  const struct report_options *options);

/*
 * report_grade - the textbook's summary for autograders, a line a run:
 * "correct:11 perfidx:97". correct counts the valid traces; perfidx is `-`
 * where nothing was measured.
 */
void report_grade(FILE *out, const struct run *runs, size_t count);

/*
 * report_json - write everything to path, whole or not at all.
 *
 * One run: an object, as docs/driver.md describes it; several: {"stages":
 * [...]} of such objects. A regular file is replaced at once by a rename;
 * anything else that exists at path (a pipe, /dev/null) is written to. "-" is
 * standard output.
 *
 * Returns true; false after a message to messages that names path and cause.
 */
bool report_json(const char *path, const struct run *runs, size_t count,
                 FILE *messages);

#endif
