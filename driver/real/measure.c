/*
 * measure.c - run a program under a preloaded library and say what it took.
 *
 *   measure LIBRARY SECONDS MIB REPORT COMMAND [ARGUMENT...]
 *
 * LIBRARY stands in the command's LD_PRELOAD. After SECONDS of time on the
 * processors a process of the command is ended, and after CLOCK_FACTOR times as
 * many by the clock all of them are: the first is the same on a busy machine,
 * the second is for those that wait for ever. MIB is the limit of each of its
 * processes' data, so that one that never frees runs out of memory before the
 * machine does.
 *
 * REPORT gets one line of JSON: how the command ended, its time on the
 * processors and by the clock, and the peak of resident memory of the largest
 * process of the tree. A program of its own because the kernel counts what a
 * process held before exec into that peak: a script's interpreter would weigh
 * more than most of what is measured here. This one weighs about 1 MiB.
 *
 * Exit status: 0 after a report, 2 without one.
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

/* Where the arguments stand. */
enum { LIBRARY = 1, SECONDS, MIB, REPORT, COMMAND };

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

/* In the child: become the command. */
static void command_start(char **words)
{
    rlim_t seconds = strtoul(words[SECONDS], NULL, 10);
    rlim_t data = (rlim_t)strtoul(words[MIB], NULL, 10) << 20;

    setpgid(0, 0);
    limit_set(RLIMIT_CPU, seconds, seconds + 1);
    limit_set(RLIMIT_DATA, data, data);
    limit_set(RLIMIT_CORE, 0, 0);
    if (setenv("LD_PRELOAD", words[LIBRARY], 1) == 0)
        execvp(words[COMMAND], words + COMMAND);
    fprintf(stderr, "measure: %s: %s\n", words[COMMAND], strerror(errno));
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
static bool is_too_slow(int status, const struct rusage *used, double limit)
{
    double spent = seconds_of(used->ru_utime) + seconds_of(used->ru_stime);

    return is_over || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) ||
           (status != 0 && spent >= 0.9 * limit);
}

static int report_write(const char *path, int status, bool is_slow,
                        const struct rusage *used, double seconds)
{
    FILE *file = fopen(path, "w");

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

/* Run the command and report; -1 with errno if that fails. */
static int command_run(char **words)
{
    unsigned limit = (unsigned)strtoul(words[SECONDS], NULL, 10);
    double start = clock_read();
    struct rusage used;
    int status = 0;

    child = fork();
    if (child == -1)
        return -1;
    if (child == 0)
        command_start(words);
    setpgid(child, child); /* here too, as either may come first */
    if (command_wait(limit, &status, &used) != 0)
        return -1;
    return report_write(words[REPORT], status,
                        is_too_slow(status, &used, limit), &used,
                        clock_read() - start);
}

int main(int argc, char **argv)
{
    if (argc <= COMMAND) {
        fprintf(stderr, "usage: measure LIBRARY SECONDS MIB REPORT COMMAND "
                        "[ARGUMENT...]\n");
        return 2;
    }
    handlers_set();
    if (command_run(argv) != 0) {
        perror("measure");
        return 2;
    }
    return 0;
}
