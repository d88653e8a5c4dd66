/*
 * record.c - run a command with the recorder preloaded, keep one process's
 * calls of malloc and friends as a trace.
 *
 *     record --out FILE [--about TEXT] [--ops N] [--skip N]
 *            [--program NAME] COMMAND
 *
 * `make record` calls it; traces/README.md tells how to use it.
 *
 * Exit status: 0 the trace is written (whatever the command's own status,
 * which is told), 1 it is not, 2 usage.
 */
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "convert.h"
#include "logs.h"
#include "rep.h"

enum {
    OPS_DEFAULT = 50000,
    TEXT_BYTES = 8192,   /* of the command that makes the trace again */
    PROCESSES_SHOWN = 8, /* when there are several to choose from */
    STATUS_NOT_FOUND = 127,
};

struct options {
    const char *out;
    const char *about;
    const char *program; /* "" any */
    const char *command;
    struct record_window window;
};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    va_list args;

    fputs("record: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* --- Options ----------------------------------------------------------- */

static const char usage_text[] =
    "usage: make record CMD='COMMAND' OUT=FILE.rep [ABOUT='...'] [OPS=N]\n"
    "                   [SKIP=N] [PROGRAM=NAME]\n"
    "   or: record --out FILE.rep [--about TEXT] [--ops N] [--skip N]\n"
    "              [--program NAME] COMMAND\n"
    "\n"
    "Run COMMAND (a line for the shell) and write the calls of malloc and\n"
    "friends that one of its processes makes to FILE.rep.\n"
    "  ABOUT    the text of the trace's first line\n"
    "  OPS      how many operations to keep (default 50000)\n"
    "  SKIP     how many to leave out before those (default 0)\n"
    "  PROGRAM  the program to keep, for a command that starts several\n"
    "           (default: the process with most calls)\n";

static const struct option long_options[] = {
    {"out", required_argument, NULL, 'o'},
    {"about", required_argument, NULL, 'a'},
    {"ops", required_argument, NULL, 'n'},
    {"skip", required_argument, NULL, 's'},
    {"program", required_argument, NULL, 'p'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int usage_error(const char *what, const char *which)
{
    say("%s%s", what, which);
    say("usage: make record CMD='COMMAND' OUT=FILE.rep [ABOUT=TEXT] [OPS=N] "
        "[SKIP=N] [PROGRAM=NAME]");
    return 2;
}

/* A whole number from 0 to most; "" leaves the value as it is. */
static bool number_parse(const char *text, uint64_t most, uint64_t *value)
{
    char *end = NULL;
    unsigned long long n = 0;

    if (!*text)
        return true;
    errno = 0;
    n = strtoull(text, &end, 10);
    if (errno || *end || *text < '0' || *text > '9' || n > most)
        return false;
    *value = n;
    return true;
}

/* Take one option in; false when its value is wrong. */
static bool option_take(struct options *o, int option, const char *value)
{
    uint64_t n = o->window.ops_max;

    switch (option) {
    case 'o':
        o->out = value;
        return *value != '\0';
    case 'a':
        o->about = value;
        return !strchr(value, '\n');
    case 'p':
        o->program = value;
        return true;
    case 's':
        return number_parse(value, INT64_MAX, &o->window.skip);
    default:
        if (!number_parse(value, INT_MAX, &n) || n == 0)
            return false;
        o->window.ops_max = (size_t)n;
        return true;
    }
}

static int value_error(const char *option, const char *value)
{
    static const char *const wanted[][2] = {
        {"out", "the file to write"},
        {"about", "one line of text"},
        {"ops", "a number from 1 to 2147483647"},
        {"skip", "a number from 0 on"},
    };
    const char *what = "something else";

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strcmp(wanted[i][0], option) == 0)
            what = wanted[i][1];
    }
    say("%s is \"%s\", expected %s", option, value, what);
    return 2;
}

/* Returns 0, or the exit status when there is nothing to do. */
static int options_parse(struct options *o, int argc, char **argv)
{
    int option = 0;
    int index = 0;

    while ((option = getopt_long(argc, argv, "", long_options, &index)) != -1) {
        if (option == '?')
            return usage_error("`record --help` lists the options", "");
        if (option == 'h') {
            fputs(usage_text, stdout);
            exit(0);
        }
        if (!option_take(o, option, optarg))
            return value_error(long_options[index].name, optarg);
    }
    if (!o->out)
        return usage_error("OUT is missing: the file to write", "");
    if (optind != argc - 1 || !*argv[optind])
        return usage_error("CMD is missing: the command to record", "");
    o->command = argv[optind];
    if (strchr(o->command, '\n'))
        return usage_error("CMD has more than one line: put it in a script",
                           "");
    return 0;
}

/* --- The command that makes the trace again ---------------------------- */

/* Append NAME='value', quoted for the shell and for make. */
static void text_assign(FILE *text, const char *name, const char *value)
{
    if (!*value)
        return;
    fprintf(text, " %s='", name);
    for (; *value; value++) {
        if (*value == '\'')
            fputs("'\\''", text);
        else if (*value == '$')
            fputs("$$", text);
        else
            fputc(*value, text);
    }
    fputc('\'', text);
}

static void made_by(char *line, size_t line_bytes, const struct options *o)
{
    FILE *text = fmemopen(line, line_bytes, "w");

    line[0] = '\0';
    if (!text)
        return;
    fputs("make record", text);
    text_assign(text, "CMD", o->command);
    fprintf(text, " OUT=%s", o->out);
    if (o->window.ops_max != OPS_DEFAULT)
        fprintf(text, " OPS=%zu", o->window.ops_max);
    if (o->window.skip)
        fprintf(text, " SKIP=%" PRIu64, o->window.skip);
    text_assign(text, "PROGRAM", o->program);
    text_assign(text, "ABOUT", o->about);
    fclose(text);
}

/* --- The directory of the logs ----------------------------------------- */

static int file_remove(const char *path, const struct stat *st, int type,
                       struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void directory_remove(const char *directory)
{
    nftw(directory, file_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* The recorder lies beside this program. */
static bool recorder_find(char *path, size_t path_bytes)
{
    char own[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);

    if (n < 0)
        return false;
    own[n] = '\0';
    n = snprintf(path, path_bytes, "%s/recorder.so", dirname(own));
    return n > 0 && (size_t)n < path_bytes && access(path, R_OK) == 0;
}

/*
 * directory_make - a new directory with a link to the recorder in it. The
 * loader takes blanks and colons for separators, so the path has none.
 */
static bool directory_make(char *directory, size_t directory_bytes)
{
    char recorder[PATH_MAX];
    char link[PATH_MAX];
    const char *parent = getenv("TMPDIR");

    if (!parent || *parent != '/' || strpbrk(parent, " :"))
        parent = "/tmp";
    snprintf(directory, directory_bytes, "%s/record.XXXXXX", parent);
    if (!recorder_find(recorder, sizeof recorder)) {
        say("no recorder.so beside this program: run `make record` first");
        return false;
    }
    if (!mkdtemp(directory)) {
        say("%s: cannot make a directory for the log: %s; set TMPDIR",
            directory, strerror(errno));
        return false;
    }
    snprintf(link, sizeof link, "%.300s/recorder.so", directory);
    if (symlink(recorder, link) == 0)
        return true;
    say("%s: %s", link, strerror(errno));
    directory_remove(directory);
    return false;
}

/* --- The run ----------------------------------------------------------- */

/* The shell itself is not recorded: it exports the recorder for the rest. */
static void command_exec(const char *command, const char *directory)
{
    static const char prefix[] = "export LD_PRELOAD=\"$" LOG_DIRECTORY_VARIABLE
                                 "/recorder.so${LD_PRELOAD:+:$LD_PRELOAD}\"; ";
    char *script = malloc(sizeof prefix + strlen(command));

    if (script && setenv(LOG_DIRECTORY_VARIABLE, directory, 1) == 0) {
        strcpy(script, prefix);
        strcat(script, command);
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    }
    say("/bin/sh: %s", strerror(errno));
    _exit(STATUS_NOT_FOUND);
}

/*
 * command_run - run it to its end. An interrupt from the keyboard is for the
 * command alone, so that a server can be recorded until it is stopped.
 *
 * Returns its status as from waitpid, or -1 with errno.
 */
static int command_run(const char *command, const char *directory)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before[2];
    int status = -1;
    pid_t pid = 0;

    sigaction(SIGINT, &ignore, &before[0]);
    sigaction(SIGQUIT, &ignore, &before[1]);
    pid = fork();
    if (pid == 0) {
        sigaction(SIGINT, &before[0], NULL);
        sigaction(SIGQUIT, &before[1], NULL);
        command_exec(command, directory);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    sigaction(SIGINT, &before[0], NULL);
    sigaction(SIGQUIT, &before[1], NULL);
    return status;
}

/* A program was not found, or no shell. */
static bool status_is_missing(int status)
{
    return status == -1 ||
           (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NOT_FOUND);
}

static void status_tell(int status)
{
    if (status == -1)
        say("the command could not be started: %s", strerror(errno));
    else if (WIFSIGNALED(status))
        say("the command was ended by signal %d (%s)", WTERMSIG(status),
            strsignal(WTERMSIG(status)));
    else if (status_is_missing(status))
        say("the command ended with status 127: a program was not found");
    else if (WEXITSTATUS(status) != 0)
        say("the command ended with status %d", WEXITSTATUS(status));
}

/* --- What came of it --------------------------------------------------- */

static void processes_tell(const struct record_log *logs, size_t count)
{
    say("%zu processes were recorded%s; PROGRAM=NAME picks another:", count,
        count > PROCESSES_SHOWN ? ", the largest being" : "");
    for (size_t i = 0; i < count && i < PROCESSES_SHOWN; i++)
        say("  %10" PRIu64 " calls  pid %-7" PRIu32 " %s",
            logs[i].header->events, logs[i].header->pid, logs[i].name);
}

static void count_tell(uint64_t count, const char *what)
{
    if (count)
        say("  %" PRIu64 " %s", count, what);
}

static void recording_tell(const struct options *o,
                           const struct record_log *log,
                           const struct recording *r)
{
    say("%s: %zu operations from %" PRIu64 " on of %" PRIu64
        " of %s, pid %" PRIu32,
        o->out, r->ops_count, o->window.skip, r->operations, log->name,
        log->header->pid);
    say("  %zu blocks, %zu thread%s, peak payload %" PRIu64 " bytes", r->ids,
        r->threads, r->threads == 1 ? "" : "s", r->peak_payload);
    say("  whole run: %" PRIu64 " allocs, %" PRIu64 " frees, %" PRIu64
        " bytes allocated (as valgrind counts)",
        r->allocs, r->frees, r->bytes);
    count_tell(r->failed, "calls got no memory: left out");
    count_tell(r->foreign, "frees of blocks from before: left out");
    count_tell(r->adopted, "reallocs of blocks from before: made an `a`");
    count_tell(r->unseen, "frees went unseen: an `f` put in");
    count_tell(r->missing, "calls were cut off by the end of the process");
}

/* A log that is cut short still makes a trace, if long enough. */
static void log_warn(const struct record_log *log)
{
    if (log->header->error)
        say("the log could not grow: %s; set TMPDIR to a place with room",
            strerror(log->header->error));
    if (log->header->events > log->events_count)
        say("only the first %zu of %" PRIu64 " calls are in the log",
            log->events_count, log->header->events);
}

static bool recording_save(const struct options *o,
                           const struct record_log *log,
                           const struct recording *r)
{
    char line[TEXT_BYTES];
    char about[128];
    int error = 0;

    if (r->ops_count == 0) {
        say("nothing is left after SKIP=%" PRIu64 ": %s made %" PRIu64
            " operations",
            o->window.skip, log->name, r->operations);
        return false;
    }
    made_by(line, sizeof line, o);
    snprintf(about, sizeof about, "recorded from %s", log->name);
    error = rep_write(o->out,
                      &(struct rep_head){.about = *o->about ? o->about : about,
                                         .made_by = line},
                      r);
    if (error) {
        say("%s: cannot write: %s", o->out, strerror(error));
        return false;
    }
    recording_tell(o, log, r);
    return true;
}

static bool log_save(const struct options *o, const struct record_log *log)
{
    struct recording recording;
    bool is_saved = false;

    log_warn(log);
    if (!recording_make(log->events, log->events_count, log->header->threads,
                        &o->window, &recording)) {
        say("cannot convert the log of %s: %s", log->name, strerror(errno));
        return false;
    }
    is_saved = recording_save(o, log, &recording);
    recording_free(&recording);
    return is_saved;
}

static void nothing_tell(void)
{
    say("nothing was recorded: no program of the command loaded the recorder");
    say("  a statically linked program cannot be recorded (`ldd PROGRAM` says"
        " so): link it without -static");
    say("  nor can a set-user-ID program, or one started with an empty"
        " environment: start it directly");
}

static bool logs_save(const struct options *o, const struct record_log *logs,
                      size_t count)
{
    const struct record_log *log = logs_pick(logs, count, o->program);

    if (count > 1 || !log)
        processes_tell(logs, count);
    if (!log) {
        say("no process of a program \"%s\" was recorded", o->program);
        return false;
    }
    return log_save(o, log);
}

static int command_record(const struct options *o)
{
    char directory[PATH_MAX];
    struct record_log *logs = NULL;
    size_t count = 0;
    int status = 0;
    bool is_saved = false;

    if (!directory_make(directory, sizeof directory))
        return 1;
    status = command_run(o->command, directory);
    status_tell(status);
    logs = logs_open(directory, &count);
    if (count > 0) {
        is_saved = logs_save(o, logs, count);
    } else if (!status_is_missing(status)) {
        nothing_tell();
    }
    logs_close(logs, count);
    directory_remove(directory);
    return is_saved ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options o = {.about = "", .program = ""};
    int status = 0;

    o.window.ops_max = OPS_DEFAULT;
    status = options_parse(&o, argc, argv);
    if (status)
        return status;
    status = rep_open_check(o.out);
    if (status) {
        say("%s: cannot write: %s", o.out, strerror(status));
        return 1;
    }
    return command_record(&o);
}
