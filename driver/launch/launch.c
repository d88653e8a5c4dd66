/*
 * launch.c - run a program on an allocator, and say what it took.
 *
 *   launch [-s SECONDS] [-m MIB] [-o REPORT] LIBRARY COMMAND [ARGUMENT...]
 *
 * LIBRARY stands in the command's LD_PRELOAD; `-` for none. After SECONDS of
 * time on the processors a process of the command is ended, and after
 * CLOCK_FACTOR times as many by the clock all of them are: the first is the
 * same on a busy machine, the second is for those that wait for ever. MIB is
 * the limit of each of its processes' data, so that one that never frees runs
 * out of memory before the machine does. What is not given is not limited.
 *
 * REPORT, or else the last line on standard output, is one line of JSON: how
 * the command ended, its time in seconds on the processors and by the clock,
 * and the peak of resident memory of the largest process of the tree, in KiB.
 * A program of its own because the kernel counts what a process held before
 * exec into that peak: a script's interpreter would weigh more than most of
 * what is measured here. This one weighs about 1 MiB.
 *
 * Exit status: the command's, 128 + its signal, 127 if it did not start; 2 and
 * no report after a mistake in the arguments or when a report cannot be
 * written.
 *
 * Source: getrusage(2), wait4(2), exec(3).
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    CLOCK_FACTOR = 4,
    NOT_STARTED = 127, /* exit status of a command not found, as in a shell */
};

/* What the arguments say. */
struct request {
    unsigned seconds;   /* 0: as many as it takes */
    rlim_t bytes;       /* of data; RLIM_INFINITY: no limit */
    const char *report; /* NULL: standard output */
    const char *library;
    char **command;
};

static volatile sig_atomic_t is_over; /* the time is */
static pid_t child;

static void time_is_over(int signal)
{
    (void)signal;
    is_over = 1;
    kill(-child, SIGKILL);
}

/* The user wants an end. */
static void stop(int signal)
{
    kill(-child, SIGKILL);
    _exit(128 + signal);
}

static void handlers_set(void)
{
    struct sigaction action = {.sa_handler = time_is_over};

    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    action.sa_handler = stop;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static void limit_set(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit limit = {soft, hard};

    setrlimit(resource, &limit);
}

static int library_set(const char *library)
{
    if (strcmp(library, "-") == 0)
        return unsetenv("LD_PRELOAD");
    return setenv("LD_PRELOAD", library, 1);
}

/* In the child: become the command. */
static void command_start(const struct request *request)
{
    setpgid(0, 0);
    if (request->seconds > 0)
        limit_set(RLIMIT_CPU, request->seconds, request->seconds + 1);
    if (request->bytes != RLIM_INFINITY)
        limit_set(RLIMIT_DATA, request->bytes, request->bytes);
    limit_set(RLIMIT_CORE, 0, 0);
    if (library_set(request->library) == 0)
        execvp(request->command[0], request->command);
    fprintf(stderr, "launch: %s: %s\n", request->command[0], strerror(errno));
    _exit(NOT_STARTED);
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double clock_read(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * Was it ended because of its time? Many a program turns a child's signal into
 * a status of its own, so a bad end after most of the time counts as well.
 */
static bool is_too_slow(int status, const struct rusage *used, unsigned limit)
{
    double spent = seconds_of(used->ru_utime) + seconds_of(used->ru_stime);

    return is_over || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) ||
           (limit > 0 && status != 0 && spent >= 0.9 * limit);
}

static int report_write(const char *path, int status, bool is_slow,
                        const struct rusage *used, double seconds)
{
    FILE *file = path ? fopen(path, "w") : stdout;

    if (!file)
        return -1;
    fprintf(file,
            "{\"status\": %d, \"signal\": %d, \"too_slow\": %s, "
            "\"user\": %.6f, \"system\": %.6f, \"seconds\": %.6f, "
            "\"peak_kib\": %ld}\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : 0,
            WIFSIGNALED(status) ? WTERMSIG(status) : 0,
            is_slow ? "true" : "false", seconds_of(used->ru_utime),
            seconds_of(used->ru_stime), seconds, used->ru_maxrss);
    return fclose(file);
}

/* Wait for the command, then end what it has left behind. */
static int command_wait(unsigned seconds, int *status, struct rusage *used)
{
    pid_t ended = -1;

    alarm(CLOCK_FACTOR * seconds);
    do {
        ended = wait4(child, status, 0, used);
    } while (ended == -1 && errno == EINTR);
    alarm(0);
    kill(-child, SIGKILL);
    return ended == -1 ? -1 : 0;
}

/* Run the command and report. Returns its wait status; -1 with errno. */
static int command_run(const struct request *request)
{
    double start = clock_read();
    struct rusage used;
    int status = 0;

    child = fork();
    if (child == -1)
        return -1;
    if (child == 0)
        command_start(request);
    setpgid(child, child); /* here too, as either may come first */
    if (command_wait(request->seconds, &status, &used) != 0 ||
        report_write(request->report, status,
                     is_too_slow(status, &used, request->seconds), &used,
                     clock_read() - start) != 0)
        return -1;
    return status;
}

/* Returns false when the arguments are not as they should be. */
static bool arguments_read(int argc, char **argv, struct request *request)
{
    int option;

    *request = (struct request){.bytes = RLIM_INFINITY};
    while ((option = getopt(argc, argv, "+s:m:o:")) != -1) {
        if (option == 's')
            request->seconds = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'm')
            request->bytes = (rlim_t)strtoul(optarg, NULL, 10) << 20;
        else if (option == 'o')
            request->report = optarg;
        else
            return false;
    }
    if (argc - optind < 2)
        return false;
    request->library = argv[optind];
    request->command = argv + optind + 1;
    return true;
}

int main(int argc, char **argv)
{
    struct request request;

    if (!arguments_read(argc, argv, &request)) {
        fprintf(stderr, "usage: launch [-s SECONDS] [-m MIB] [-o REPORT] "
                        "LIBRARY|- COMMAND [ARGUMENT...]\n");
        return 2;
    }
    handlers_set();

    int status = command_run(&request);
    if (status == -1) {
        perror("launch");
        return 2;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
