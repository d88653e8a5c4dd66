/* test_options.c - what the command line is read as, and what is refused. */
#define _GNU_SOURCE /* open_memstream */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../options.h"

/* Each test runs in an empty folder of its own, which is its home, too. */
static char folder[] = "/tmp/test_options.XXXXXX";
static struct options options;
static char *out_text;
static char *message_text;

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");

    cr_assert_not_null(file, "%s", path);
    fclose(file);
}

static void enter_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    mkdir("build", 0777);
    mkdir("build/stages", 0777);
    mkdir("traces", 0777);
    mkdir("traces/threads", 0777);
    mkdir("empty", 0777);
    touch("build/stage.so");
    touch("build/stages/2-implicit.so");
    touch("build/stages/3-explicit.so");
    touch("traces/b.rep");
    touch("traces/a.rep");
    touch("traces/readme.txt");
    touch("traces/threads/c.rep");
}

static void leave_folder(void)
{
    char command[64];

    options_free(&options);
    free(out_text);
    free(message_text);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(options, .init = enter_folder, .fini = leave_folder);

/* Parse a command line given as one text, its words a blank apart. */
static enum outcome parse(const char *line)
{
    char *copy = strdup(line);
    char *argv[16] = {(char[]){"mdriver"}};
    int argc = 1;
    size_t size;
    FILE *out, *messages;
    enum outcome outcome;

    options_free(&options);
    free(out_text);
    free(message_text);
    out = open_memstream(&out_text, &size);
    messages = open_memstream(&message_text, &size);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    outcome = options_parse(&options, argc, argv, folder, out, messages);
    fclose(out);
    fclose(messages);
    free(copy);
    return outcome;
}

static void refuses(const char *line, const char *message)
{
    cr_assert_eq(parse(line), OPTIONS_BAD, "%s", line);
    cr_assert_not_null(strstr(message_text, message), "%s: %s", line,
                       message_text);
    cr_assert_not_null(strstr(message_text, "mdriver -h"));
}

/* The traces, parted by blanks. */
static const char *traces(void)
{
    static char text[1024];

    text[0] = '\0';
    for (size_t i = 0; i < options.traces.count; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, options.traces.items[i]);
    }
    return text;
}

/* The file name of the stage with that index. */
static const char *stage(size_t i)
{
    cr_assert_lt(i, options.stages.count);
    return basename(options.stages.items[i]);
}

Test(options, nothing_means_the_stage_built_last_on_the_folder_traces)
{
    cr_assert_eq(parse(""), OPTIONS_RUN);
    cr_assert_str_eq(traces(),
                     "traces/a.rep traces/b.rep traces/threads/c.rep");
    cr_assert_str_eq(stage(0), "stage.so");
    cr_assert_not(options.stage_given);
    cr_assert_not(options.check_only || options.debug || options.libc ||
                  options.no_fork || options.summary || options.tsv);
    cr_assert_eq(options.verbosity, 1);
    cr_assert_eq(options.timeout, 30);
    cr_assert_eq(options.until, 0);
    cr_assert_eq(options.threads, 1);
    cr_assert_eq(options.limit, 0);
    cr_assert_null(options.heap_at);
    cr_assert_null(options.json);
}

Test(options, letters_of_the_textbook_keep_their_meaning)
{
    cr_assert_eq(parse("-a -l -V -g -c -t traces/ -f x.rep -f y.rep"),
                 OPTIONS_RUN);
    cr_assert_str_eq(
        traces(), "traces/a.rep traces/b.rep traces/threads/c.rep x.rep y.rep");
    cr_assert(options.libc && options.summary && options.check_only);
    cr_assert_eq(options.verbosity, 2);
}

Test(options, long_names_stand_for_the_letters)
{
    cr_assert_eq(parse("--libc --progress --summary --check --tsv "
                       "--traces=traces --file x.rep --timeout 2.5"),
                 OPTIONS_RUN);
    cr_assert_str_eq(traces(),
                     "traces/a.rep traces/b.rep traces/threads/c.rep x.rep");
    cr_assert(options.libc && options.summary && options.check_only &&
              options.tsv);
    cr_assert_eq(options.verbosity, 2);
    cr_assert_eq(options.timeout, 2.5);
}

Test(options, verbosity_may_have_a_level_close_by_or_apart)
{
    static const struct {
        const char *line;
        int level;
    } cases[] = {{"-v", 1},   {"-v2", 2},         {"-v 2", 2},
                 {"-v 0", 0}, {"--verbose=0", 0}, {"-v -c", 1}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(parse(cases[i].line), OPTIONS_RUN, "%s", cases[i].line);
        cr_assert_eq(options.verbosity, cases[i].level, "%s", cases[i].line);
    }
    refuses("-v 3", "level");
    refuses("-vx", "level");
}

Test(options, debug_checks_only_and_takes_its_time)
{
    cr_assert_eq(parse("-D"), OPTIONS_RUN);
    cr_assert(options.debug && options.check_only);
    cr_assert_gt(options.timeout, 30);
    cr_assert_eq(parse("-d 2 -s 3"), OPTIONS_RUN);
    cr_assert(options.debug && options.check_only);
    cr_assert_eq(options.timeout, 3);
    cr_assert_eq(parse("-d1"), OPTIONS_RUN);
    cr_assert_not(options.debug);
    refuses("-d 0", "-d 0");
    refuses("-d 3", "level");
}

Test(options, numbers)
{
    cr_assert_eq(parse("--until 112 --limit 3M --heap-at 0x800000000"),
                 OPTIONS_RUN);
    cr_assert_eq(options.until, 112);
    cr_assert_eq(parse("-T 8"), OPTIONS_RUN);
    cr_assert_eq(options.threads, 8);
    cr_assert_eq(parse("--until 112 --limit 3M --heap-at 0x800000000"),
                 OPTIONS_RUN);
    cr_assert_eq(options.limit, (size_t)3 << 20);
    cr_assert_eq(options.heap_at, (void *)0x800000000);
    cr_assert_eq(parse("--limit 4096"), OPTIONS_RUN);
    cr_assert_eq(options.limit, 4096);
    cr_assert_eq(parse("--limit 2g"), OPTIONS_RUN);
    cr_assert_eq(options.limit, (size_t)2 << 30);
}

Test(options, what_is_no_number_is_refused)
{
    refuses("--until 0", "--until wants a whole number from 1, not '0'");
    refuses("--until -3", "'-3'");
    refuses("--until 12x", "'12x'");
    refuses("--until 99999999999999999999", "--until");
    refuses("-T 0", "-T wants a whole number from 1, not '0'");
    refuses("-T", "-T wants a value");
    refuses("--threads 2000", "-T wants a number up to 1024, not 2000");
    refuses("--limit 3T", "--limit wants bytes");
    refuses("--limit 0", "--limit");
    refuses("--limit 1KB", "--limit");
    refuses("--limit 17179869184G", "--limit");
    refuses("--heap-at 0x800000001", "--heap-at");
    refuses("--heap-at here", "--heap-at");
    refuses("-s 0", "-s wants seconds");
    refuses("-s -1", "-s wants seconds");
    refuses("-s nan", "-s wants seconds");
    refuses("-s 5s", "-s wants seconds");
    refuses("--colour blue", "auto, always or never");
}

Test(options, a_stage_is_a_file_a_number_or_a_name)
{
    cr_assert_eq(parse("--stage 3 --stage implicit --stage 2-implicit "
                       "--stage build/stages/3-explicit.so"),
                 OPTIONS_RUN);
    cr_assert_eq(options.stages.count, 4);
    cr_assert_str_eq(stage(0), "3-explicit.so");
    cr_assert_str_eq(stage(1), "2-implicit.so");
    cr_assert_str_eq(stage(2), "2-implicit.so");
    cr_assert_str_eq(stage(3), "3-explicit.so");
    cr_assert(options.stage_given);
    refuses("--stage 9", "run `make stage 9` first");
    refuses("--stage no/such.so", "no/such.so: no such file");
    refuses("--stage *", "no such file");
}

Test(options, without_a_stage_the_way_out_is_told)
{
    unlink("build/stage.so");
    refuses("-f x.rep", "no stage has been built: run `make stage 3` first");
}

Test(options, a_folders_name_is_no_pattern)
{
    mkdir("a[b]*", 0777);
    touch("a[b]*/d.rep");
    cr_assert_eq(parse("-t a[b]*"), OPTIONS_RUN);
    cr_assert_eq(options.traces.count, 1);
    cr_assert_str_eq(options.traces.items[0], "a[b]*/d.rep");
}

Test(options, folders_without_traces_are_refused)
{
    refuses("-t empty", "-t empty: no *.rep in it");
    refuses("-t nowhere", "-t nowhere: No such file");
    refuses("-t traces/a.rep", "for one trace: -f traces/a.rep");
}

Test(options, what_is_not_an_option_is_named)
{
    refuses("-q", "no option -q");
    refuses("--quick", "--quick");
    refuses("--check=yes", "--check");
    refuses("-f", "-f wants a value");
    refuses("--json", "--json wants a value");
    refuses("traces/a.rep", "what is 'traces/a.rep'? for a trace: -f");
}

Test(options, without_a_fork_there_is_one_trace_on_one_stage)
{
    cr_assert_eq(parse("--no-fork -f x.rep"), OPTIONS_RUN);
    cr_assert(options.no_fork);
    refuses("--no-fork", "--no-fork");
    refuses("--no-fork -f x.rep -f y.rep", "--no-fork");
    refuses("--no-fork -f x.rep --stage 2 --stage 3", "--no-fork");
}

Test(options, help_names_every_option_and_fits_80_columns)
{
    static const char *const names[] = {
        "-f,",      "-t,", "--stage", "-l,",       "--until",     "-c,",
        "-D,",      "-d ", "--limit", "--heap-at", "-s,",         "--no-fork",
        "-T,",      "-v,", "-V,",     "-g,",       "--tsv",       "--json",
        "--colour", "-a ", "-h,",     "Examples:", "Exit status:"};

    cr_assert_eq(parse("-h"), OPTIONS_HELP);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_assert_not_null(strstr(out_text, names[i]), "%s", names[i]);
    for (char *line = strtok(out_text, "\n"); line; line = strtok(NULL, "\n"))
        cr_assert_leq(strlen(line), 80, "%s", line);
}
