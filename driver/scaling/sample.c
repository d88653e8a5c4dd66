/* sample.c - a measurement in a process of its own; see sample.h. */
#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_SAMPLE_FAILED = 3 };

_Noreturn void sample_fail(struct sample *sample, const char *why)
{
    snprintf(sample->error, sizeof(sample->error), "%s", why);
    _exit(EXIT_SAMPLE_FAILED);
}

/* End this process after so many seconds of a processor; other programs may
   take as much again many times over, but a wait for ever ends as well. */
static void time_limit(unsigned seconds)
{
    enum { PATIENCE = 20 };
    struct itimerval limit = {.it_value.tv_sec = (time_t)seconds};

    setitimer(ITIMER_PROF, &limit, NULL);
    alarm(seconds * PATIENCE);
}

/* The child's life. _exit, as what the stage left for exit is not ours. */
static _Noreturn void child_run(const char *path, sample_work *work,
                                const void *job, unsigned seconds,
                                struct sample *sample)
{
    time_limit(seconds);
    const struct stage *stage =
        path ? stage_load(path, sample->error, sizeof(sample->error))
             : &libc_stage;
    if (!stage)
        _exit(EXIT_SAMPLE_FAILED);
    if (!stage->init())
        sample_fail(sample, "mm_init failed");
    work(stage, job, sample);
    _exit(EXIT_SUCCESS);
}

static enum sample_end end_of(int status, struct sample *sample)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return SAMPLE_DONE;
    if (WIFSIGNALED(status) &&
        (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM))
        return SAMPLE_SLOW;
    if (sample->error[0] == '\0')
        snprintf(sample->error, sizeof(sample->error), "ended with %s",
                 WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                                     : "an exit status of its own");
    return SAMPLE_FAILED;
}

enum sample_end sample_take(const char *path, sample_work *work,
                            const void *job, unsigned seconds,
                            struct sample *sample)
{
    struct sample *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = shared != MAP_FAILED ? fork() : -1;
    int status = 0;

    if (child < 0) {
        perror("scaling: a process for a sample");
        exit(EXIT_FAILURE);
    }
    if (child == 0)
        child_run(path, work, job, seconds, shared);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;

    enum sample_end end = end_of(status, shared);
    *sample = *shared;
    munmap(shared, sizeof(*shared));
    return end;
}
