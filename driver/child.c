/* child.c - replay one trace in a process of its own; see child.h. */
#define _GNU_SOURCE /* pipe2, sigabbrev_np */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alone.h"
#include "crash.h"
#include "crew.h"
#include "explain.h"
#include "libc_stage.h"
#include "locked.h"
#include "measure.h"
#include "measure_crew.h"
#include "memlib_sim.h"
#include "output.h"
#include "replay.h"
#include "score.h"
#include "standing.h"

size_t child_limit(const struct trace *trace)
{
    enum { TIMES = 20, MORE = 64 << 20 };

    if (trace->peak_payload > (SIZE_MAX - MORE) / TIMES)
        return SIZE_MAX;
    return TIMES * trace->peak_payload + MORE;
}

/* --- The work, in the child -------------------------------------------- */

static void note_stage(struct result *result, const struct stage *stage)
{
    snprintf(result->stage, sizeof(result->stage), "%s", stage->info->name);
    snprintf(result->era, sizeof(result->era), "%s", stage->era);
    result->stage_number = stage->info->number;
    result->alignment = stage->alignment;
}

static const struct stage *load_here(const struct trace *trace,
                                     const struct job *job,
                                     struct result *result)
{
    char why[RESULT_TEXT / 2];
    const struct stage *stage =
        job->stage ? stage_load(job->stage, why, sizeof(why)) : &libc_stage;

    if (!stage)
        explain(result, VERDICT_BROKEN, trace, RESULT_INIT,
                "the stage cannot be loaded: %s", why);
    return stage;
}

/* An era without memalign is asked for plain blocks instead. The change stays
 * in this process. */
static void fit_trace(struct trace *trace, const struct stage *stage)
{
    for (size_t i = 0; i < trace->ops_count && !stage->memalign; i++) {
        if (trace->ops[i].kind == TRACE_MEMALIGN)
            trace->ops[i].kind = TRACE_MALLOC;
    }
}

static bool open_here(const struct trace *trace, const struct job *job,
                      struct result *result)
{
    struct mem_options memory = {.heap_at = job->options->heap_at,
                                 .limit = job->limit};
    const char *why;

    if (!mem_open(&memory, &why))
        return explain(result, VERDICT_BROKEN, trace, RESULT_INIT, "%s", why);
    if (!alone_open())
        return explain(result, VERDICT_BROKEN, trace, RESULT_INIT,
                       "madvise: %s", strerrordesc_np(errno));
    if (!job->stage)
        libc_open();
    return true;
}

/* The stage, with memlib open; NULL, explained. */
static const struct stage *work_open(const struct trace *trace,
                                     const struct job *job,
                                     struct result *result)
{
    const struct stage *stage = job->way ? job->way->open(trace, job, result)
                                         : load_here(trace, job, result);

    if (!stage)
        return NULL;
    note_stage(result, stage);
    return job->way || open_here(trace, job, result) ? stage : NULL;
}

static bool measure_any(const struct check *check, const struct job *job)
{
    if (job->way)
        return job->way->measure(check, job);
    if (check->trace->threads > 1) {
        struct measure_crew_options options = {.parallel =
                                                   job->options->parallel};
        return measure_crew(check->trace, check->stage, &options,
                            check->result);
    }
    return measure_trace(check->trace, check->stage, &measure_defaults,
                         check->result);
}

static bool work_checked(struct check *check, const struct job *job,
                         enum phase phase)
{
    check->result->phase = phase;
    if (!replay_checked(check) || (job->way && !job->way->audit(check)))
        return false;
    check->result->utilization = score_utilization(check->result);
    return true;
}

/* A pass of all threads at once, where there are several; -D and --map want
   them in turns. */
static bool check_at_once(struct check *check, const struct options *options)
{
    bool sound = true;

    if (check->trace->threads > 1 && !options->debug && !options->map) {
        check->result->phase = PHASE_AT_ONCE;
        check->at_once = true;
        sound = replay_checked(check);
        check->at_once = false;
    }
    return sound;
}

/* All passes over the trace. Returns true when everything was right. */
static bool work_passes(struct check *check, const struct job *job)
{
    if (!work_checked(check, job, PHASE_CHECKED) ||
        !check_at_once(check, job->options))
        return false;
    if (job->options->check_only)
        return true;
    check->result->phase = PHASE_TIMED;
    return measure_any(check, job) && work_checked(check, job, PHASE_LAST);
}

/* A lock for a stage that knows nothing of the trace's threads. */
static const struct stage *fit_stage(const struct stage *stage,
                                     const struct trace *trace,
                                     struct result *result)
{
    result->is_locked = trace->threads > 1 && !stage->info->thread_safe;
    return result->is_locked ? locked_stage(stage) : stage;
}

static void work(struct trace *trace, const struct job *job,
                 struct result *result)
{
    const struct stage *stage = work_open(trace, job, result);
    struct check check = {
        .trace = trace,
        .result = result,
        .limit = job->limit,
        .debug = job->options->debug,
        .map = job->options->map,
    };

    if (!stage)
        return;
    fit_trace(trace, stage);
    check.stage = fit_stage(stage, trace, result);
    if (work_passes(&check, job))
        result->verdict = VERDICT_VALID;
}

/* --- Becoming the child ------------------------------------------------ */

/* What the parent holds of a child. */
struct child {
    const struct job *job;
    struct trace *trace;
    struct result *shared;
    pid_t pid;
    int output_fd;
    int signal_fd;
    sigset_t mask; /* of signals, as it was before */
    struct output output;
    int interrupted; /* the signal that ends this process, or 0 */
};

/* The child's result, for note_exit. */
static struct result *exit_result;

/* The stage calls exit: only here is known which thread does. */
static void note_exit(void)
{
    exit_result->op = crew_op(exit_result->op);
}

static void child_main(const struct child *child, pid_t parent, int output_fd)
{
    struct rlimit no_core = {0, 0};
    int null_fd = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(null_fd, STDIN_FILENO);
    dup2(output_fd, STDOUT_FILENO);
    dup2(output_fd, STDERR_FILENO);
    if (!child->job->way) /* a sandbox may have been given some */
        closefrom(STDERR_FILENO + 1);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* or a crash loses what it says */
    sigprocmask(SIG_SETMASK, &child->mask, NULL);
    exit_result = child->shared;
    atexit(note_exit);
    if (!crash_catch(child->trace, child->shared))
        explain(child->shared, VERDICT_BROKEN, child->trace, RESULT_INIT,
                "sigaltstack: %s", strerrordesc_np(errno));
    else
        work(child->trace, child->job, child->shared);
    alone_end_copy();
    fflush(NULL);
    _exit(0);
}

static bool child_fork(struct child *child)
{
    int pipe_fds[2];
    pid_t parent = getpid();

    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return false;
    fflush(NULL); /* or an exit() in the child would print it again */
    child->pid = fork();
    if (child->pid == 0)
        child_main(child, parent, pipe_fds[1]);
    close(pipe_fds[1]);
    if (child->pid < 0) {
        close(pipe_fds[0]);
        return false;
    }
    setpgid(child->pid, child->pid);
    fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
    child->output_fd = pipe_fds[0];
    return true;
}

/* --- Watching the child ------------------------------------------------ */

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/*
 * The signals to wait for. One that is ignored, as SIGHUP under nohup, stays
 * so.
 */
static sigset_t watched_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (sigaction(ends[i], NULL, &action) == 0 &&
            action.sa_handler != SIG_IGN)
            sigaddset(&set, ends[i]);
    }
    return set;
}

/* True when the child has ended; it stays a zombie, its id not yet reused. */
static bool child_has_ended(const struct child *child)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_PID, (id_t)child->pid, &info,
                  WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child->pid;
}

/* Take what the child has printed. Returns false when that is too much. */
static bool child_drain(struct child *child)
{
    char bytes[4096];
    ssize_t count;

    while ((count = read(child->output_fd, bytes, sizeof(bytes))) > 0) {
        if (!output_take(&child->output, bytes, (size_t)count))
            return false;
    }
    return true;
}

/* Take the signals that have come. */
static void child_signals(struct child *child)
{
    struct signalfd_siginfo info;

    while (read(child->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo != SIGCHLD)
            child->interrupted = (int)info.ssi_signo;
    }
}

/*
 * child_wait - wait until the child ends, but no longer than until `end`.
 *
 * Returns VERDICT_NONE when it has ended or this process must;
 * VERDICT_TIMEOUT or VERDICT_FLOOD when it is to be killed.
 */
static enum verdict child_wait(struct child *child, double end)
{
    struct pollfd fds[] = {{child->signal_fd, POLLIN, 0},
                           {child->output_fd, POLLIN, 0}};

    while (!child_has_ended(child)) {
        double left = end - now();
        if (left <= 0)
            return VERDICT_TIMEOUT;
        poll(fds, 2, (int)ceil(left * 1000));
        child_signals(child);
        if (child->interrupted)
            return VERDICT_NONE;
        if (!child_drain(child))
            return VERDICT_FLOOD;
        if (fds[1].revents & POLLHUP)
            fds[1].fd = -1; /* closed by the stage; it may still go on */
    }
    return child_drain(child) ? VERDICT_NONE : VERDICT_FLOOD;
}

/* --- What became of it ------------------------------------------------- */

/* Wait for the child; a second look, shortly before the end, tells an endless
 * loop from a slow stage. */
static void child_watch(struct child *child)
{
    double start = now();
    double limit = child->job->options->timeout;
    enum verdict verdict = child_wait(child, start + 0.8 * limit);
    struct standing before = standing_of(child->shared);

    if (verdict == VERDICT_TIMEOUT)
        verdict = child_wait(child, start + limit);
    if (verdict == VERDICT_TIMEOUT)
        standing_explain_timeout(child->shared, child->trace, &before,
                                 child->job->options->timeout);
    if (verdict == VERDICT_FLOOD)
        explain(child->shared, VERDICT_FLOOD, child->trace, child->shared->op,
                "printed more than %d KiB, expected a few lines at most",
                OUTPUT_MOST >> 10);
}

void child_explain_status(struct result *result, const struct trace *trace,
                          int status)
{
    if (WIFEXITED(status))
        explain(result, VERDICT_EXIT, trace, result->op,
                "the stage ended the process with exit status %d, expected it "
                "to return",
                WEXITSTATUS(status));
    else if (WTERMSIG(status) == SIGKILL)
        explain(result, VERDICT_CRASH, trace, result->op,
                "killed by SIGKILL, by itself or from outside; perhaps the "
                "machine ran out of memory (dmesg tells)");
    else
        explain(result, VERDICT_CRASH, trace, result->op, "ended by SIG%s",
                sigabbrev_np(WTERMSIG(status)));
    if (result->op == RESULT_THREADS)
        standing_explain_threads(result, trace);
}

/* Kill what is left of the child and its own children; gather it in. */
static void child_end(struct child *child)
{
    int status = 0;

    kill(-child->pid, SIGKILL);
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    output_end(&child->output);
    if (!child->interrupted && child->shared->verdict == VERDICT_NONE)
        child_explain_status(child->shared, child->trace, status);
}

static void explain_end(const struct child *child)
{
    struct result *result = child->shared;

    result->error[RESULT_TEXT - 1] = '\0';
    explain_take_over(result);
    if (result->verdict == VERDICT_VALID)
        return;
    if (child->output.last[0] != '\0')
        explain_more(result, "printed last: %s", child->output.last);
    explain_replay(result, child->trace, child->job->program,
                   child->job->options, child->job->stage);
}

/* --- The interface, see child.h ---------------------------------------- */

static void *must_share(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        fprintf(stderr, "mdriver: no memory to share with a child: %s\n",
                strerror(errno));
        exit(2);
    }
    return p;
}

/* Fork, watch and gather in, with the signals that matter held back. */
static void child_supervise(struct child *child)
{
    sigset_t watched = watched_signals();

    sigprocmask(SIG_BLOCK, &watched, &child->mask);
    child->signal_fd = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (child->signal_fd >= 0 && child_fork(child)) {
        child_watch(child);
        child_end(child);
        close(child->output_fd);
    } else {
        explain(child->shared, VERDICT_BROKEN, child->trace, RESULT_INIT,
                "no child to replay it in: %s", strerror(errno));
    }
    if (child->signal_fd >= 0)
        close(child->signal_fd);
    sigprocmask(SIG_SETMASK, &child->mask, NULL);
    if (child->interrupted)
        raise(child->interrupted);
}

void child_run(struct trace *trace, const struct job *job,
               struct result *result)
{
    struct child child = {
        .job = job,
        .trace = trace,
        .shared = must_share(sizeof(*result)),
        .output = {.to = stderr, .stage = job->label, .trace = trace->name},
    };

    child.shared->peak_payload = trace->peak_payload;
    child.shared->op = RESULT_INIT;
    for (size_t i = 0; i < RESULT_LANES; i++)
        atomic_store(&child.shared->lanes[i].at, LANE_IDLE);
    if (job->options->no_fork)
        work(trace, job, child.shared);
    else
        child_supervise(&child);
    explain_end(&child);
    *result = *child.shared;
    munmap(child.shared, sizeof(*result));
}
