/* report.c - the tables and the JSON; see report.h. */
#define _GNU_SOURCE /* asprintf */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "score.h"

enum {
    NAME_WIDTH = 16,   /* columns for a trace's name; more if one is longer */
    TABLE_WIDTH = 100, /* columns of any table */
    CELL = 24,         /* bytes of a cell's text */
};

static const char *const cycle_names[CYCLE_KINDS] = {
    [CYCLES_MALLOC] = "malloc",
    [CYCLES_FREE] = "free",
    [CYCLES_REALLOC] = "realloc",
};

const char *report_verdict(enum verdict verdict)
{
    static const char *const words[] = {
        [VERDICT_NONE] = "none",     [VERDICT_VALID] = "valid",
        [VERDICT_WRONG] = "wrong",   [VERDICT_NO_MEMORY] = "memory",
        [VERDICT_CRASH] = "crash",   [VERDICT_EXIT] = "exit",
        [VERDICT_TIMEOUT] = "hang",  [VERDICT_FLOOD] = "flood",
        [VERDICT_BROKEN] = "broken",
    };

    return words[verdict];
}

/* --- What is known of a result ----------------------------------------- */

static bool is_valid(const struct result *result)
{
    return result->verdict == VERDICT_VALID;
}

static bool is_timed(const struct result *result)
{
    return is_valid(result) && result->timing.pairs > 0;
}

static double utilization_of(const struct result *result)
{
    return is_valid(result) && result->peak_footprint > 0 ? result->utilization
                                                          : NAN;
}

static double speed_of(const struct result *result)
{
    return is_timed(result) ? result->timing.speed : NAN;
}

static double spread_of(const struct result *result)
{
    return is_timed(result) ? result->timing.spread : NAN;
}

static double kops_of(const struct trace *trace, const struct result *result)
{
    return is_valid(result) ? score_kops(trace, result) : NAN;
}

static double cycles_of(const struct result *result, int kind)
{
    double cycles = is_timed(result) ? result->timing.cycles[kind] : 0.0;

    return cycles > 0.0 ? cycles : NAN;
}

/* Bytes as KiB; unknown when there are none. */
static double kib(size_t bytes)
{
    return bytes > 0 ? (double)bytes / 1024.0 : NAN;
}

static struct total run_total(const struct run *run)
{
    return score_total(run->traces, run->results, run->count);
}

/* --- Cells ------------------------------------------------------------- */

enum paint { PLAIN, BOLD, RED, GREEN };

/* A table on its way: where to, and whether in colour. */
struct table {
    FILE *out;
    bool color;
    int name_width; /* columns of the first cell in each line */
};

static void print_painted(const struct table *table, enum paint paint,
                          int width, const char *text)
{
    static const char *const codes[] = {[PLAIN] = "",
                                        [BOLD] = "\033[1m",
                                        [RED] = "\033[31m",
                                        [GREEN] = "\033[32m"};
    bool painted = table->color && paint != PLAIN;

    fprintf(table->out, "%s%*s%s", painted ? codes[paint] : "", width, text,
            painted ? "\033[0m" : "");
}

/* A cell behind the first: a blank, then text at the right of width. */
static void print_cell(const struct table *table, enum paint paint, int width,
                       const char *text)
{
    putc(' ', table->out);
    print_painted(table, paint, width, text);
}

/* The first cell of a line, at the left. */
static void print_name(const struct table *table, enum paint paint,
                       const char *text)
{
    print_painted(table, paint, -table->name_width, text);
}

/*
 * format_number - write value to text so that it takes at most width columns.
 *
 * decimals: digits behind the point, fewer if there is no room; then a k, M
 * or G follows in place of zeros. "-" stands for an unknown value.
 */
static void format_number(char text[CELL], int width, int decimals,
                          double value)
{
    static const char suffixes[] = "kMGTP";

    if (!isfinite(value)) {
        snprintf(text, CELL, "-");
        return;
    }
    for (; decimals >= 0; decimals--) {
        if (snprintf(text, CELL, "%.*f", decimals, value) <= width)
            return;
    }
    for (const char *suffix = suffixes; *suffix != '\0'; suffix++) {
        value /= 1e3;
        if (snprintf(text, CELL, "%.0f%c", value, *suffix) <= width)
            return;
    }
}

static void print_number(const struct table *table, enum paint paint, int width,
                         int decimals, double value)
{
    char text[CELL];

    format_number(text, width, decimals, value);
    print_cell(table, paint, width, text);
}

/* "larson@8" for a trace with 8 threads; a caller frees it. */
static char *trace_label(const struct trace *trace)
{
    char *label = NULL;
    int length = trace->threads > 1
                     ? asprintf(&label, "%s@%zu", trace->name, trace->threads)
                     : asprintf(&label, "%s", trace->name);

    return length >= 0 ? label : strdup("");
}

static void print_trace_name(const struct table *table,
                             const struct trace *trace)
{
    char *label = trace_label(trace);

    print_name(table, PLAIN, label ? label : "");
    free(label);
}

static int name_width(const struct run *run)
{
    int width = NAME_WIDTH;

    for (size_t i = 0; i < run->count; i++) {
        char *label = trace_label(run->traces[i]);
        int length = label ? (int)strlen(label) : 0;

        width = length > width ? length : width;
        free(label);
    }
    return width;
}

/* True when the run had a lock around the stage on some trace. */
static bool is_locked(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->results[i].is_locked)
            return true;
    }
    return false;
}

/* Name the runs in which threads did not run side by side, and why. */
static void print_locked(FILE *out, const struct run *runs, size_t count)
{
    const char *between = "@: with threads, which one lock around every call "
                          "keeps apart in\n   ";
    bool is_any = false;

    for (size_t i = 0; i < count; i++) {
        if (!is_locked(&runs[i]))
            continue;
        fprintf(out, "%s%s", between, runs[i].label);
        between = ", ";
        is_any = true;
    }
    if (is_any)
        fputs(": not thread-safe\n", out);
}

/* --- The table of one run ---------------------------------------------- */

enum column {
    OPS,
    UTILIZATION,
    PAYLOAD,
    FOOTPRINT,
    KOPS,
    SPEED,
    SPREAD,
    MALLOC,
    FREE,
    REALLOC,
    SCORE,
    COLUMNS
};

enum { RESULT_WIDTH = 6 };

/* Two lines of head: the unit or group above, the name below. */
static const struct {
    const char *unit;
    const char *name;
    int width;
    int decimals;
    bool has_mean; /* stands in the line of means, too */
} columns[COLUMNS] = {
    [OPS] = {"", "ops", 6, 0, false},
    [UTILIZATION] = {"util", "%", 5, 1, true},
    [PAYLOAD] = {"peak", "payload", 7, 1, false},
    [FOOTPRINT] = {"KiB", "footprint", 9, 1, false},
    [KOPS] = {"speed", "Kops/s", 6, 0, true},
    [SPEED] = {"x", "glibc", 5, 2, true},
    [SPREAD] = {"+-", "%", 4, 0, false},
    [MALLOC] = {"TSC", "malloc", 6, 0, true},
    [FREE] = {"cycles", "free", 6, 0, true},
    [REALLOC] = {"a call", "realloc", 7, 0, true},
    [SCORE] = {"/100", "score", 5, 1, true},
};

static void print_head(const struct table *table)
{
    print_name(table, BOLD, "");
    print_cell(table, BOLD, RESULT_WIDTH, "");
    for (int i = 0; i < COLUMNS; i++)
        print_cell(table, BOLD, columns[i].width, columns[i].unit);
    putc('\n', table->out);
    print_name(table, BOLD, "trace");
    print_cell(table, BOLD, RESULT_WIDTH, "result");
    for (int i = 0; i < COLUMNS; i++)
        print_cell(table, BOLD, columns[i].width, columns[i].name);
    putc('\n', table->out);
}

static void print_trace(const struct table *table, const struct trace *trace,
                        const struct result *result)
{
    const double values[COLUMNS] = {
        [OPS] = (double)trace->ops_count,
        [UTILIZATION] = 100.0 * utilization_of(result),
        [PAYLOAD] = kib(result->peak_payload),
        [FOOTPRINT] = kib(result->peak_footprint),
        [KOPS] = kops_of(trace, result),
        [SPEED] = speed_of(result),
        [SPREAD] = 100.0 * spread_of(result),
        [MALLOC] = cycles_of(result, CYCLES_MALLOC),
        [FREE] = cycles_of(result, CYCLES_FREE),
        [REALLOC] = cycles_of(result, CYCLES_REALLOC),
        [SCORE] = score_trace(trace, result),
    };

    print_trace_name(table, trace);
    print_cell(table, is_valid(result) ? GREEN : RED, RESULT_WIDTH,
               report_verdict(result->verdict));
    for (int i = 0; i < COLUMNS; i++)
        print_number(table, PLAIN, columns[i].width, columns[i].decimals,
                     values[i]);
    putc('\n', table->out);
}

static void print_means(const struct table *table, const struct total *total)
{
    const double values[COLUMNS] = {
        [UTILIZATION] = 100.0 * total->utilization,
        [KOPS] = total->kops,
        [SPEED] = total->speed,
        [MALLOC] = total->cycles[CYCLES_MALLOC],
        [FREE] = total->cycles[CYCLES_FREE],
        [REALLOC] = total->cycles[CYCLES_REALLOC],
        [SCORE] = total->score,
    };

    print_name(table, BOLD, "mean");
    print_cell(table, BOLD, RESULT_WIDTH, "");
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].has_mean)
            print_number(table, BOLD, columns[i].width, columns[i].decimals,
                         values[i]);
        else
            print_cell(table, PLAIN, columns[i].width, "");
    }
    putc('\n', table->out);
}

static void print_summary(FILE *out, const struct total *total)
{
    char score[CELL];
    char utilization[CELL];
    char speed[CELL];
    char index[CELL];

    format_number(score, 5, 1, total->score);
    format_number(utilization, 5, 1, 100.0 * total->utilization);
    format_number(speed, 5, 2, total->speed);
    format_number(index, 5, 0, total->perf_index);
    fprintf(out,
            "%zu of %zu traces valid; score %s of 100 (utilization %s %%, "
            "speed %s x glibc)\n"
            "performance index of the textbook: %s of 100\n",
            total->valid, total->traces, score, utilization, speed, index);
}

/* The explanation without the trace's path before it and the replay's command
   behind it; *length gets its bytes. */
static const char *cause_of(const struct run *run, size_t i, size_t *length)
{
    const char *error = run->results[i].error;
    const char *path = run->traces[i]->path;
    size_t skipped = strlen(path);
    const char *cause =
        strncmp(error, path, skipped) == 0 ? error + skipped : error;
    const char *end = strstr(cause, "\n  replay: ");

    *length = end ? (size_t)(end - cause) : strlen(cause);
    return cause;
}

/* True when trace i failed as first did, before the stage saw any trace. */
static bool is_same_failure(const struct run *run, size_t first, size_t i)
{
    size_t first_length, length;
    const char *first_cause = cause_of(run, first, &first_length);
    const char *cause = cause_of(run, i, &length);

    return run->results[i].phase == PHASE_LOAD && length == first_length &&
           memcmp(cause, first_cause, length) == 0;
}

static void print_error(FILE *out, const char *error)
{
    size_t length = strlen(error);

    fprintf(out, "\n%s%s", error, error[length - 1] == '\n' ? "" : "\n");
}

/* Every error in full: here nothing is cut to fit. But a stage that cannot be
   loaded says the same of every trace, which once is enough. */
static void print_errors(FILE *out, const struct run *run)
{
    size_t last = run->count; /* that was printed */
    size_t same = 0;

    for (size_t i = 0; i < run->count; i++) {
        if (is_valid(&run->results[i]) || run->results[i].error[0] == '\0')
            continue;
        if (last < run->count && is_same_failure(run, last, i)) {
            same++;
            continue;
        }
        print_error(out, run->results[i].error);
        last = i;
    }
    if (same > 0)
        fprintf(out, "\nThe same before mm_init of %zu more trace%s.\n", same,
                same == 1 ? "" : "s");
}

void report_errors(FILE *out, const struct run *runs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_errors(out, &runs[i]);
}

static void print_run(FILE *out, const struct run *run,
                      const struct report_options *options)
{
    struct table table = {out, options->color, name_width(run)};
    struct total total = run_total(run);

    print_painted(&table, BOLD, 0, run->label);
    putc('\n', out);
    print_head(&table);
    for (size_t i = 0; i < run->count; i++)
        print_trace(&table, run->traces[i], &run->results[i]);
    print_means(&table, &total);
    putc('\n', out);
    print_summary(out, &total);
    print_locked(out, run, 1);
    print_errors(out, run);
}

/* --- The table of all runs --------------------------------------------- */

/*
 * label_piece - how much of label fits one line of a head of width columns:
 * all of it, else up to its last '-' that fits, else width bytes.
 */
static int label_piece(const char *label, int width)
{
    int piece = 0;

    if ((int)strlen(label) <= width)
        return (int)strlen(label);
    for (int i = 0; i < width; i++) {
        if (label[i] == '-')
            piece = i + 1;
    }
    return piece > 0 ? piece : width;
}

/*
 * print_labels - one line of the head: the next piece of each run's label.
 *
 * rest: what is left of each label; moved on. Returns whether any is left.
 */
static bool print_labels(const struct table *table, const char **rest,
                         size_t count, int width)
{
    bool is_left = false;

    for (size_t i = 0; i < count; i++) {
        char text[TABLE_WIDTH];
        int piece = label_piece(rest[i], width);

        snprintf(text, sizeof text, "%.*s", piece, rest[i]);
        print_cell(table, BOLD, width, text);
        rest[i] += piece;
        is_left = is_left || *rest[i] != '\0';
    }
    putc('\n', table->out);
    return is_left;
}

static bool print_scores_head(const struct table *table, const struct run *runs,
                              size_t count, int width)
{
    const char **rest = calloc(count, sizeof *rest);
    const char *name = "score, of 100";

    if (!rest)
        return false;
    for (size_t i = 0; i < count; i++)
        rest[i] = runs[i].label;
    do {
        print_name(table, BOLD, name);
        name = "";
    } while (print_labels(table, rest, count, width));
    free(rest);
    return true;
}

/* A trace: the score under each run, or in a word why there is none. */
static void print_scores(const struct table *table, const struct run *runs,
                         size_t count, int width, size_t trace)
{
    print_trace_name(table, runs[0].traces[trace]);
    for (size_t i = 0; i < count; i++) {
        const struct result *result = &runs[i].results[trace];

        if (is_valid(result))
            print_number(table, PLAIN, width, 1,
                         score_trace(runs[i].traces[trace], result));
        else
            print_cell(table, RED, width, report_verdict(result->verdict));
    }
    putc('\n', table->out);
}

static double total_score(const struct total *total)
{
    return total->score;
}

static double total_utilization(const struct total *total)
{
    return 100.0 * total->utilization;
}

static double total_speed(const struct total *total)
{
    return total->speed;
}

static double total_perf_index(const struct total *total)
{
    return total->perf_index;
}

static double total_valid(const struct total *total)
{
    return (double)total->valid;
}

/* The lines below the traces, one figure of each run's total in each. */
static const struct {
    const char *name;
    double (*value)(const struct total *total);
    int decimals;
    enum paint paint;
} total_lines[] = {
    {"mean score", total_score, 1, BOLD},
    {"utilization, %", total_utilization, 1, PLAIN},
    {"speed, x glibc", total_speed, 2, PLAIN},
    {"perf. index", total_perf_index, 0, PLAIN},
    {"valid traces", total_valid, 0, PLAIN},
};

static void print_totals(const struct table *table, const struct run *runs,
                         size_t count, int width)
{
    for (size_t i = 0; i < sizeof total_lines / sizeof total_lines[0]; i++) {
        print_name(table, total_lines[i].paint, total_lines[i].name);
        for (size_t j = 0; j < count; j++) {
            struct total total = run_total(&runs[j]);
            print_number(table, total_lines[i].paint, width,
                         total_lines[i].decimals, total_lines[i].value(&total));
        }
        putc('\n', table->out);
    }
}

/* Columns of a run's cell: as its label asks for, as far as there is room. */
static int score_width(const struct run *runs, size_t count, int room)
{
    enum { NARROWEST = 6 };
    int width = NARROWEST;
    int most = room / (int)count - 1;

    for (size_t i = 0; i < count; i++) {
        int length = (int)strlen(runs[i].label);
        width = length > width ? length : width;
    }
    width = width > most ? most : width;
    return width < NARROWEST ? NARROWEST : width;
}

static void print_all_scores(FILE *out, const struct run *runs, size_t count,
                             const struct report_options *options)
{
    struct table table = {out, options->color, name_width(&runs[0])};
    int width = score_width(runs, count, TABLE_WIDTH - table.name_width);

    print_scores_head(&table, runs, count, width);
    for (size_t i = 0; i < runs[0].count; i++)
        print_scores(&table, runs, count, width, i);
    putc('\n', out);
    print_totals(&table, runs, count, width);
    if (options->brief)
        print_locked(out, runs, count);
}

void report_table(FILE *out, const struct run *runs, size_t count,
                  const struct report_options *options)
{
    bool is_brief = options->brief && count > 1;

    for (size_t i = 0; i < count && !is_brief; i++) {
        print_run(out, &runs[i], options);
        if (count > 1)
            putc('\n', out);
    }
    if (count > 1)
        print_all_scores(out, runs, count, options);
    for (size_t i = 0; i < count && is_brief; i++)
        print_errors(out, &runs[i]);
}

/* --- Lines for programs ------------------------------------------------ */

/* A number and what parts it from the next; nothing when it is unknown. */
static void put_number(FILE *out, double value, char end)
{
    if (isfinite(value))
        fprintf(out, "%.6g", value);
    putc(end, out);
}

static void put_tabs(FILE *out, const char *label, const struct trace *trace,
                     const struct result *result)
{
    fprintf(out, "%s\t%s\t%s\t%zu\t%d\t", label, trace->name,
            report_verdict(result->verdict), trace->ops_count, trace->weight);
    put_number(out, utilization_of(result), '\t');
    fprintf(out, "%zu\t%zu\t", result->peak_payload, result->peak_footprint);
    put_number(out, is_timed(result) ? result->timing.seconds : NAN, '\t');
    put_number(out, kops_of(trace, result), '\t');
    put_number(out, speed_of(result), '\t');
    put_number(out, spread_of(result), '\t');
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        put_number(out, cycles_of(result, kind), '\t');
    put_number(out, score_trace(trace, result), '\n');
}

void report_tabs(FILE *out, const struct run *runs, size_t count)
{
    fputs("stage\ttrace\tresult\tops\tweight\tutilization\tpeak_payload\t"
          "peak_footprint\tseconds\tkops\tspeed\tspread\tcycles_malloc\t"
          "cycles_free\tcycles_realloc\tscore\n",
          out);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < runs[i].count; j++)
            put_tabs(out, runs[i].label, runs[i].traces[j],
                     &runs[i].results[j]);
    }
}

void report_trace(FILE *out, const struct trace *trace,
                  const struct result *result,
                  const struct report_options *options)
{
    struct table table = {out, options->color, NAME_WIDTH};
    char utilization[CELL];
    char speed[CELL];
    char score[CELL];

    format_number(utilization, 5, 1, 100.0 * utilization_of(result));
    format_number(speed, 5, 2, speed_of(result));
    format_number(score, 5, 1, score_trace(trace, result));
    print_trace_name(&table, trace);
    print_cell(&table, is_valid(result) ? GREEN : RED, RESULT_WIDTH,
               report_verdict(result->verdict));
    fprintf(out, "  utilization %5s %%, speed %5s x glibc, score %5s\n",
            utilization, speed, score);
    if (!is_valid(result) && result->error[0] != '\0')
        fprintf(out, "%s\n", result->error);
    fflush(out);
}

void report_grade(FILE *out, const struct run *runs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct total total = run_total(&runs[i]);
        char index[CELL];

        format_number(index, 5, 0, total.perf_index);
        fprintf(out, "correct:%zu perfidx:%s\n", total.valid, index);
    }
}

/* --- JSON -------------------------------------------------------------- */

static void write_cycles(struct json *json, const struct result *result)
{
    json_object(json, "cycles");
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        json_number(json, cycle_names[kind], cycles_of(result, kind));
    json_close(json);
}

/* What is known of the calls alone, of threads on all processors. */
static void write_calls(struct json *json, const struct result *result)
{
    const struct timing *timing = &result->timing;
    bool timed = is_timed(result) && timing->calls_seconds > 0;
    bool compared = timed && timing->libc_calls_seconds > 0;

    json_object(json, "calls");
    json_number(json, "seconds", timed ? timing->calls_seconds : NAN);
    json_number(json, "libc_seconds",
                compared ? timing->libc_calls_seconds : NAN);
    json_number(json, "speed", compared ? timing->calls_speed : NAN);
    json_number(json, "spread", compared ? timing->calls_spread : NAN);
    json_close(json);
}

static void write_timing(struct json *json, const struct trace *trace,
                         const struct result *result)
{
    const struct timing *timing = &result->timing;
    bool timed = is_timed(result);
    bool compared = timed && timing->libc_seconds > 0;

    json_number(json, "seconds", timed ? timing->seconds : NAN);
    json_number(json, "libc_seconds", compared ? timing->libc_seconds : NAN);
    json_count(json, "pairs", timed ? (size_t)timing->pairs : 0);
    json_number(json, "kops", kops_of(trace, result));
    json_number(json, "speed", speed_of(result));
    json_number(json, "spread", spread_of(result));
    json_number(json, "score", score_trace(trace, result));
    write_cycles(json, result);
    write_calls(json, result);
}

/* What the referee says beside it. */
static void write_refereed(struct json *json, const struct result *result)
{
    bool timed = is_timed(result);

    if (!result->is_refereed)
        return;
    json_number(json, "load", timed ? result->load : NAN);
    json_number(json, "steal", timed ? result->steal : NAN);
}

static void write_trace(struct json *json, const struct trace *trace,
                        const struct result *result)
{
    json_object(json, NULL);
    json_string(json, "name", trace->name);
    json_string(json, "path", trace->path);
    json_bool(json, "valid", is_valid(result));
    json_string(json, "verdict", report_verdict(result->verdict));
    json_string(json, "error", is_valid(result) ? NULL : result->error);
    json_count(json, "ops", trace->ops_count);
    json_count(json, "threads", trace->threads);
    json_bool(json, "locked", result->is_locked);
    json_count(json, "weight", (size_t)trace->weight);
    json_number(json, "utilization", utilization_of(result));
    json_count(json, "peak_payload", result->peak_payload);
    json_count(json, "peak_footprint", result->peak_footprint);
    json_count(json, "peak_blocks", result->peak_blocks);
    write_timing(json, trace, result);
    write_refereed(json, result);
    json_close(json);
}

/* The era as the replays found it; NULL when no stage could be loaded. */
static const char *run_era(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->results[i].era[0] != '\0')
            return run->results[i].era;
    }
    return NULL;
}

static void write_run(struct json *json, const struct run *run)
{
    struct total total = run_total(run);

    json_object(json, NULL);
    json_string(json, "stage", run->label);
    json_string(json, "era", run_era(run));
    if (run->count > 0 && run->results[0].is_refereed)
        json_bool(json, "referee", true);
    json_number(json, "score", total.score);
    json_number(json, "utilization", total.utilization);
    json_number(json, "speed", total.speed);
    json_number(json, "perf_index", total.perf_index);
    json_bool(json, "valid", total.valid == total.traces);
    json_array(json, "traces");
    for (size_t i = 0; i < run->count; i++)
        write_trace(json, run->traces[i], &run->results[i]);
    json_close(json);
    json_close(json);
}

static void write_runs(FILE *out, const struct run *runs, size_t count)
{
    struct json json = {.out = out};

    if (count == 1) {
        write_run(&json, &runs[0]);
        return;
    }
    json_object(&json, NULL);
    json_array(&json, "stages");
    for (size_t i = 0; i < count; i++)
        write_run(&json, &runs[i]);
    json_close(&json);
    json_close(&json);
}

/* --- The JSON file ----------------------------------------------------- */

/* Write to out and close it; false with errno when not all of it arrived. */
static bool write_and_close(FILE *out, const struct run *runs, size_t count)
{
    errno = 0;
    write_runs(out, runs, count);

    bool is_written = !ferror(out) && fflush(out) == 0;
    int error = errno;

    if (fclose(out) != 0 && is_written)
        return false;
    errno = error;
    return is_written;
}

/* Give the file the mode that open would: mkstemp's is for its owner only. */
static void set_usual_mode(int fd)
{
    mode_t mask = umask(0);

    umask(mask);
    fchmod(fd, 0666 & ~mask);
}

/* Write to a file beside path, then put it in path's place. */
static bool replace_file(const char *path, const struct run *runs, size_t count)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);

    if (length >= (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }

    int fd = mkstemp(temporary);
    if (fd < 0)
        return false;
    set_usual_mode(fd);
    FILE *out = fdopen(fd, "w");
    if (out && write_and_close(out, runs, count) &&
        rename(temporary, path) == 0)
        return true;

    int error = errno;
    if (!out)
        close(fd);
    unlink(temporary);
    errno = error;
    return false;
}

/* What path names: itself, or the file at the end of its symbolic links. */
static bool write_file(const char *path, const struct run *runs, size_t count)
{
    struct stat status;
    char resolved[PATH_MAX];

    if (stat(path, &status) != 0)
        return replace_file(path, runs, count);
    if (S_ISREG(status.st_mode))
        return realpath(path, resolved) && replace_file(resolved, runs, count);

    FILE *out = fopen(path, "w");
    return out && write_and_close(out, runs, count);
}

bool report_json(const char *path, const struct run *runs, size_t count,
                 FILE *messages)
{
    if (strcmp(path, "-") == 0) {
        write_runs(stdout, runs, count);
        path = "standard output";
        if (fflush(stdout) == 0)
            return true;
    } else if (write_file(path, runs, count)) {
        return true;
    }
    fprintf(messages,
            "%s: the results could not be written: %s; give --json another "
            "file, or make room and run again\n",
            path, strerror(errno));
    return false;
}
