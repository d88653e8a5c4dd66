/*
 * session.c - replay traces against stages and print one table; see session.h.
 *
 * The order of things: options, traces, then for every stage a child for
 * every trace, then the reports.
 */
#include "session.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "report.h"
#include "trace.h"

enum { EXIT_VALID = 0, EXIT_INVALID = 1, EXIT_USAGE = 2, EXIT_UNGRADED = 3 };

/* Everything one call of a driver works on. */
struct session {
    const char *program;
    const struct way *way;
    struct options options;
    struct trace **traces;
    size_t *limits; /* bytes granted, one a trace */
    size_t traces_count;
    struct run *runs;
    char **labels;
    size_t runs_count;
    bool unreadable; /* a trace, so the exit status is EXIT_USAGE */
};

static void *must_alloc(size_t count, size_t size)
{
    void *p = calloc(count > 0 ? count : 1, size);

    if (!p) {
        fputs("mdriver: out of memory\n", stderr);
        exit(EXIT_USAGE);
    }
    return p;
}

/* --- Traces ------------------------------------------------------------ */

/* Have a trace of one thread replayed in as many as -T says. */
static bool spread_trace(const struct options *options, struct trace *trace)
{
    if (options->threads == 1 || trace->threads > 1)
        return true;
    return trace_multiply(trace, options->threads, stderr);
}

/* The limit comes from the whole trace, so that --until replays alike. */
static bool load_trace(struct session *session, const char *path)
{
    const struct options *options = &session->options;
    struct trace *trace = trace_read(path, stderr);
    size_t limit = options->limit;

    if (!trace)
        return false;
    if (!spread_trace(options, trace)) {
        trace_free(trace);
        return false;
    }
    if (limit == 0)
        limit = child_limit(trace);
    if (options->until > 0 && !trace_cut(trace, options->until, stderr)) {
        trace_free(trace);
        return false;
    }
    session->limits[session->traces_count] = limit;
    session->traces[session->traces_count++] = trace;
    return true;
}

static void load_traces(struct session *session)
{
    const struct strings *paths = &session->options.traces;

    session->traces = must_alloc(paths->count, sizeof(*session->traces));
    session->limits = must_alloc(paths->count, sizeof(*session->limits));
    for (size_t i = 0; i < paths->count; i++) {
        if (!load_trace(session, paths->items[i]))
            session->unreadable = true;
    }
}

/* --- Runs -------------------------------------------------------------- */

/* "build/stage.so", which leads to "stages/3-explicit.so" -> "3-explicit" */
static char *label_of(const char *path)
{
    char *whole = realpath(path, NULL);
    char *label = strdup(basename(whole ? whole : (char *)path));

    free(whole);
    if (!label)
        return must_alloc(1, 1);
    char *suffix = strrchr(label, '.');
    if (suffix && suffix != label)
        *suffix = '\0';
    return label;
}

static bool use_colour(const struct options *options)
{
    const char *term = getenv("TERM");

    if (options->colour != COLOUR_AUTO)
        return options->colour == COLOUR_ALWAYS;
    return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term &&
           strcmp(term, "dumb") != 0;
}

/* stage: a shared object; NULL for libc. */
static void run_stage(struct session *session, const char *stage)
{
    const struct options *options = &session->options;
    struct report_options report = {.color = use_colour(options)};
    struct result *results =
        must_alloc(session->traces_count, sizeof(*results));
    char *label = stage ? label_of(stage) : strdup("libc");

    for (size_t i = 0; i < session->traces_count; i++) {
        struct job job = {.options = options,
                          .way = session->way,
                          .program = session->program,
                          .stage = stage,
                          .label = label,
                          .limit = session->limits[i]};
        child_run(session->traces[i], &job, &results[i]);
        if (options->verbosity >= 2)
            report_trace(stdout, session->traces[i], &results[i], &report);
        fflush(stdout);
    }
    session->labels[session->runs_count] = label;
    session->runs[session->runs_count++] = (struct run){
        .label = label,
        .traces = (const struct trace *const *)session->traces,
        .results = results,
        .count = session->traces_count,
    };
}

static void run_stages(struct session *session)
{
    const struct strings *stages = &session->options.stages;

    session->runs = must_alloc(stages->count + 1, sizeof(*session->runs));
    session->labels = must_alloc(stages->count + 1, sizeof(char *));
    for (size_t i = 0; i < stages->count; i++)
        run_stage(session, stages->items[i]);
    if (session->options.libc)
        run_stage(session, NULL);
}

/* --- Reports ----------------------------------------------------------- */

/* Returns false when a file could not be written. */
static bool print_reports(const struct session *session)
{
    const struct options *options = &session->options;
    struct report_options report = {.color = use_colour(options),
                                    .brief = options->verbosity < 2};
    bool written = true;

    if (options->tsv)
        report_tabs(stdout, session->runs, session->runs_count);
    else if (options->verbosity > 0)
        report_table(stdout, session->runs, session->runs_count, &report);
    if (options->tsv || options->verbosity == 0)
        report_errors(stderr, session->runs, session->runs_count);
    if (options->json)
        written = report_json(options->json, session->runs, session->runs_count,
                              stderr);
    if (options->summary)
        report_grade(stdout, session->runs, session->runs_count);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "mdriver: standard output: %s\n", strerror(errno));
        written = false;
    }
    return written;
}

/* The exit status that a trace's verdict calls for. */
static int verdict_status(enum verdict verdict)
{
    if (verdict == VERDICT_NONE)
        return EXIT_UNGRADED;
    return verdict == VERDICT_VALID ? EXIT_VALID : EXIT_INVALID;
}

/* The gravest of all. */
static int runs_status(const struct session *session)
{
    int status = EXIT_VALID;

    for (size_t i = 0; i < session->runs_count; i++) {
        const struct run *run = &session->runs[i];
        for (size_t j = 0; j < run->count; j++) {
            int one = verdict_status(run->results[j].verdict);
            status = one > status ? one : status;
        }
    }
    return status;
}

/* --- The interface, see session.h --------------------------------------- */

/* The folder that this program lies in; "." if the kernel does not tell. */
static const char *home_folder(void)
{
    static char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (length <= 0)
        return ".";
    path[length] = '\0';
    return dirname(path);
}

static void session_free(struct session *session)
{
    for (size_t i = 0; i < session->traces_count; i++)
        trace_free(session->traces[i]);
    for (size_t i = 0; i < session->runs_count; i++) {
        free((void *)(uintptr_t)session->runs[i].results);
        free(session->labels[i]);
    }
    free(session->traces);
    free(session->limits);
    free(session->runs);
    free(session->labels);
    options_free(&session->options);
}

static int session_run(struct session *session)
{
    bool written;

    load_traces(session);
    if (session->traces_count == 0)
        return EXIT_USAGE;
    run_stages(session);
    written = print_reports(session);
    if (session->unreadable || !written)
        return EXIT_USAGE;
    return runs_status(session);
}

int session_main(int argc, char *argv[], const struct way *way)
{
    struct session session = {
        .program = way || argc == 0 ? "./mdriver" : argv[0], .way = way};
    int status = EXIT_USAGE;

    session.options.is_referee = way != NULL;
    switch (options_parse(&session.options, argc, argv, home_folder(), stdout,
                          stderr)) {
    case OPTIONS_HELP:
        status = EXIT_VALID;
        break;
    case OPTIONS_RUN:
        status = session_run(&session);
        break;
    case OPTIONS_BAD:
        break;
    }
    session_free(&session);
    return status;
}
