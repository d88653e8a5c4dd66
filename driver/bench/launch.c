/*
 * launch.c - run a program on an allocator, and say what it used.
 *
 *     launch LIBRARY PROGRAM [ARGUMENT...]
 *
 * LIBRARY is preloaded into the program; `-` for none. The last line on
 * stdout is "usage WALL CPU PEAK": seconds, seconds, and the most KiB that
 * the program or a process it waited for had in memory at once.
 *
 * A process starts with the peak of the one that started it (Linux keeps the
 * larger one over exec). A script with an interpreter of 10 MiB would see no
 * peak below that, and so this small program stands in between.
 *
 * Exit status: the program's, 128 + its signal, or 127 if it did not start.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Run it to its end. Returns its wait status, or -1 with errno. */
static int run(char **command, double *wall, struct rusage *usage)
{
    double start = seconds_now();
    pid_t child;
    int status;

    errno = posix_spawnp(&child, command[0], NULL, NULL, command, environ);
    if (errno != 0 || wait4(child, &status, 0, usage) < 0)
        return -1;
    *wall = seconds_now() - start;
    return status;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    double wall;

    if (argc < 3) {
        fprintf(stderr, "usage: launch LIBRARY|- PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    if (strcmp(argv[1], "-") == 0)
        unsetenv("LD_PRELOAD");
    else
        setenv("LD_PRELOAD", argv[1], 1);

    int status = run(argv + 2, &wall, &usage);
    if (status == -1) {
        fprintf(stderr, "launch: %s: %s\n", argv[2], strerror(errno));
        return 127;
    }
    double cpu = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    printf("usage %.6f %.6f %ld\n", wall, cpu, usage.ru_maxrss);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
