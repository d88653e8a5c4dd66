/* test_report.c - the tables, and the JSON as other programs read it. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

/* --- Two traces, a valid result and one that is not --------------------- */

static struct trace cc1 = {.path = "traces/cc1.rep",
                           .name = "cc1",
                           .weight = 1,
                           .ops_count = 20000,
                           .threads = 1};
static struct trace perl = {.path = "traces/perl.rep",
                            .name = "perl",
                            .weight = 1,
                            .ops_count = 300,
                            .threads = 1};
static const struct trace *const traces[] = {&cc1, &perl};

static const char nasty[] = "traces/perl.rep:9: \"x\\y\"\tz\n"
                            "  replay: ./mdriver\x01 \xff\xc3\xa9\n";

static struct result good_result(void)
{
    return (struct result){
        .verdict = VERDICT_VALID,
        .stage = "explicit",
        .era = "seven",
        .peak_payload = 800 << 10,
        .peak_footprint = 1000 << 10,
        .utilization = 0.8,
        .timing = {.pairs = 9,
                   .seconds = 0.01,
                   .libc_seconds = 0.005,
                   .speed = 0.5,
                   .spread = 0.04,
                   .cycles = {[CYCLES_MALLOC] = 123.4, [CYCLES_FREE] = 56.7}}};
}

static struct result bad_result(void)
{
    struct result result = good_result();

    result.verdict = VERDICT_WRONG;
    snprintf(result.error, sizeof result.error, "%s", nasty);
    return result;
}

static struct result results[2];

static struct run one_run(const char *label)
{
    results[0] = good_result();
    results[1] = bad_result();
    return (struct run){label, traces, results, 2};
}

/* --- Reading what was printed ------------------------------------------ */

static const struct report_options plain = {false, false};
static const struct report_options brief = {false, true};

/* What the last stream from open_text was given. */
static char printed[1 << 16];

static FILE *open_text(void)
{
    FILE *out = fmemopen(printed, sizeof printed, "w");

    cr_assert(out);
    return out;
}

static char *table_of(const struct run *runs, size_t count,
                      const struct report_options *options)
{
    FILE *out = open_text();

    report_table(out, runs, count, options);
    fclose(out);
    return printed;
}

static void expect(const char *text, const char *part)
{
    cr_assert(strstr(text, part), "\"%s\" is not in:\n%s", part, text);
}

static size_t widest_line(const char *text)
{
    size_t widest = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        widest = length > widest ? length : widest;
        text += length + (text[length] == '\n');
    }
    return widest;
}

/* The same command of a shell as `cmd file`; its standard output. */
static void expect_output(const char *command, const char *expected)
{
    char text[4096] = "";
    FILE *pipe = popen(command, "r");
    size_t bytes = fread(text, 1, sizeof text - 1, pipe);

    text[bytes] = '\0';
    cr_assert_eq(pclose(pipe), 0, "%s failed", command);
    cr_assert_str_eq(text, expected, "%s gave:\n%s", command, text);
}

/* --- The table of one run ---------------------------------------------- */

Test(report, a_line_for_each_trace)
{
    struct run run = one_run("3-explicit");
    char *text = table_of(&run, 1, &plain);

    expect(text, "\ncc1               valid  20000  80.0   800.0    1000.0   "
                 "2000  0.50    4    123     57       -  40.0\n");
    expect(text, "\nperl              wrong    300     -   800.0    1000.0   "
                 "   -     -    -      -      -       -   0.0\n");
    expect(text, "1 of 2 traces valid; score 20.0 of 100 (utilization 80.0 %, "
                 "speed 0.50 x glibc)\n");
}

Test(report, errors_are_printed_in_full)
{
    struct run run = one_run("3-explicit");

    expect(table_of(&run, 1, &plain), nasty);
}

Test(report, fits_100_columns_whatever_the_numbers)
{
    struct run run = one_run("3-explicit");

    cc1.ops_count = 123456789;
    results[0].peak_payload = results[0].peak_footprint = (size_t)1 << 40;
    results[0].timing.speed = 123456.0;
    results[0].timing.spread = 1234.5;
    results[0].timing.seconds = 1e-9;
    for (int kind = 0; kind < CYCLE_KINDS; kind++)
        results[0].timing.cycles[kind] = 1e9;
    results[1].error[0] = '\0';
    char *text = table_of(&run, 1, &plain);
    cr_assert(widest_line(text) <= 100, "%zu columns:\n%s", widest_line(text),
              text);
    expect(text, "cc1               valid   123M  80.0   1074M  1073742k ");
}

Test(report, colour_only_when_asked_for)
{
    struct run run = one_run("3-explicit");
    struct report_options colour = {true, false};

    cr_assert_not(strchr(table_of(&run, 1, &plain), '\033'));
    expect(table_of(&run, 1, &colour), "\033[31m wrong\033[0m");
}

/* --- The table of several runs ----------------------------------------- */

static const char *const labels[] = {
    "1-bump",  "2-implicit", "3-explicit",     "4-segregated",
    "5-buddy", "6-slab",     "7-thread-cache", "libc"};

Test(report, several_runs_share_one_table)
{
    struct run runs[] = {one_run("2-implicit"), one_run("3-explicit")};
    char *text = table_of(runs, 2, &brief);

    expect(text, "score, of 100    2-implicit 3-explicit\n");
    expect(text, "cc1                    40.0       40.0\n");
    expect(text, "perl                  wrong      wrong\n");
    expect(text, "mean score             20.0       20.0\n");
    expect(text, nasty);
    cr_assert_not(strstr(text, "payload"));
    expect(table_of(runs, 2, &plain), "payload");
}

Test(report, seven_stages_and_libc_fit_100_columns)
{
    struct run runs[8];

    for (size_t i = 0; i < 8; i++)
        runs[i] = one_run(labels[i]);
    results[1].error[0] = '\0';
    char *text = table_of(runs, 8, &brief);
    cr_assert(widest_line(text) <= 100, "%zu columns:\n%s", widest_line(text),
              text);
    expect(text, "7-thread-");
}

Test(report, traces_with_threads_are_marked_and_locks_named)
{
    struct run runs[] = {one_run("4-segregated"), one_run("7-thread-cache")};

    perl.threads = 8;
    expect(table_of(runs, 1, &plain), "\nperl@8            wrong ");
    cr_assert_not(strstr(printed, "@: "));
    expect(table_of(runs, 2, &brief), "\nperl@8           ");
    cr_assert_not(strstr(printed, "@: "));
    results[1].is_locked = true;
    expect(table_of(runs, 1, &plain),
           "@: with threads, which one lock around every call keeps apart in\n"
           "   4-segregated: not thread-safe\n");
    expect(table_of(runs, 2, &brief),
           "\n   4-segregated, 7-thread-cache: not thread-safe\n");
    cr_assert(widest_line(printed) <= 100);
    perl.threads = 1;
}

/* --- Lines for programs ------------------------------------------------ */

Test(report, tabs_have_as_many_fields_in_each_line)
{
    struct run run = one_run("3-explicit");
    FILE *out = open_text();

    report_tabs(out, &run, 1);
    fclose(out);
    for (char *line = strtok(printed, "\n"); line; line = strtok(NULL, "\n")) {
        int tabs = 0;
        for (const char *p = line; *p != '\0'; p++)
            tabs += *p == '\t';
        cr_assert_eq(tabs, 15, "%s", line);
    }
}

Test(report, grade_is_one_line)
{
    struct run run = one_run("3-explicit");
    FILE *out = open_text();

    report_grade(out, &run, 1);
    run.count = 1; /* the valid one: 100 x (0.6 x 0.8 + 0.4 x 1) */
    report_grade(out, &run, 1);
    results[0].timing.pairs = 0; /* nothing was measured */
    report_grade(out, &run, 1);
    fclose(out);
    cr_assert_str_eq(printed, "correct:1 perfidx:0\ncorrect:1 perfidx:88\n"
                              "correct:1 perfidx:-\n");
}

/* --- JSON -------------------------------------------------------------- */

static char folder[] = "/tmp/test_report.XXXXXX";

static void enter_folder(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    cr_assert_eq(system("rm -rf \"$PWD\""), 0);
}

static int files_here(void)
{
    int count = 0;
    DIR *here = opendir(".");

    while (readdir(here))
        count++;
    closedir(here);
    return count - 2;
}

TestSuite(report_json, .init = enter_folder, .fini = leave_folder);

Test(report_json, has_the_keys_that_are_promised)
{
    struct run run = one_run("3-explicit");

    cr_assert(report_json("out.json", &run, 1, stderr));
    expect_output(
        "/usr/bin/python3 -c 'import json; d = json.load(open(\"out.json\"));"
        "print(*sorted(d)); print(*sorted(d[\"traces\"][0]));"
        "print(*sorted(d[\"traces\"][0][\"calls\"]));"
        "print(*sorted(d[\"traces\"][0][\"cycles\"]))'",
        "era perf_index score speed stage traces utilization valid\n"
        "calls cycles error kops libc_seconds locked name ops pairs path "
        "peak_blocks peak_footprint peak_payload score seconds speed spread "
        "threads utilization valid verdict weight\n"
        "libc_seconds seconds speed spread\n"
        "free malloc realloc\n");
}

Test(report_json, has_the_values_of_the_results)
{
    struct run run = one_run("3-explicit");

    cr_assert(report_json("out.json", &run, 1, stderr));
    expect_output(
        "/usr/bin/python3 -c 'import json; d = json.load(open(\"out.json\"));"
        "a, b = d[\"traces\"];"
        "print(d[\"stage\"], d[\"score\"], d[\"valid\"]);"
        "print(a[\"valid\"], a[\"error\"], a[\"speed\"], a[\"kops\"],"
        " a[\"peak_footprint\"], a[\"cycles\"], a[\"calls\"][\"speed\"]);"
        "print(b[\"valid\"], b[\"verdict\"], b[\"score\"], b[\"speed\"]);"
        "print(ascii(b[\"error\"]))'",
        "3-explicit 20 False\n"
        "True None 0.5 2000 1024000 {'malloc': 123.4, 'free': 56.7, "
        "'realloc': None} None\n"
        "False wrong 0 None\n"
        "'traces/perl.rep:9: \"x\\\\y\"\\tz\\n  replay: ./mdriver\\x01 "
        "\\ufffd\\xe9\\n'\n");
}

Test(report_json, several_runs_are_a_list)
{
    struct run runs[] = {one_run("2-implicit"), one_run("3-explicit")};

    cr_assert(report_json("out.json", runs, 2, stderr));
    expect_output(
        "/usr/bin/python3 -c 'import json; d = json.load(open(\"out.json\"));"
        "print(*[s[\"stage\"] for s in d[\"stages\"]])'",
        "2-implicit 3-explicit\n");
}

Test(report_json, replaces_a_file_and_leaves_no_other)
{
    struct run run = one_run("3-explicit");
    struct stat status;

    umask(022);
    cr_assert(report_json("out.json", &run, 1, stderr));
    cr_assert(report_json("out.json", &run, 1, stderr));
    cr_assert_eq(files_here(), 1);
    cr_assert_eq(stat("out.json", &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0644);
}

Test(report_json, follows_a_symbolic_link)
{
    struct run run = one_run("3-explicit");
    struct stat status;

    cr_assert(report_json("real.json", &run, 1, stderr));
    cr_assert_eq(symlink("real.json", "link.json"), 0);
    cr_assert(report_json("link.json", &run, 1, stderr));
    cr_assert_eq(lstat("link.json", &status), 0);
    cr_assert(S_ISLNK(status.st_mode));
}

/* The message of a report_json that has to fail. */
static char *message_of_failure(const char *path, const struct run *run)
{
    FILE *messages = open_text();

    cr_assert_not(report_json(path, run, 1, messages));
    fclose(messages);
    return printed;
}

Test(report_json, a_full_disk_is_reported)
{
    struct run run = one_run("3-explicit");

    expect(message_of_failure("/dev/full", &run),
           "/dev/full: the results could not be written: No space left on "
           "device; ");
}

Test(report_json, a_missing_folder_is_reported)
{
    struct run run = one_run("3-explicit");

    expect(message_of_failure("none/out.json", &run),
           "none/out.json: the results could not be written: No such file");
}

Test(report_json, what_cannot_be_written_whole_leaves_the_old_file)
{
    struct run run = one_run("3-explicit");
    struct rlimit little = {100, 100};
    struct stat before;
    struct stat after;

    cr_assert(report_json("out.json", &run, 1, stderr));
    cr_assert_eq(stat("out.json", &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
    expect(message_of_failure("out.json", &run), "File too large");
    cr_assert_eq(stat("out.json", &after), 0);
    cr_assert_eq(before.st_ino, after.st_ino);
    cr_assert_eq(before.st_size, after.st_size);
    cr_assert_eq(files_here(), 1);
}
