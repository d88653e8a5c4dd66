/* run.c - one trace on a stage that has a seeded bug; see run.h. */
#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alone.h"
#include "child.h"
#include "memlib_sim.h"
#include "replay.h"

enum {
    PLAIN_MS = 150,  /* of a processor: a replay takes a few */
    LOOKS_MS = 2000, /* a checker may walk lists for every block */
    OUTPUT_BYTES = 1 << 20,
    NAP_MS = 20,     /* between two looks at a child that may be stuck */
    STUCK_NAPS = 10, /* so often asleep, and not a tick used: for a lock */
};

/* Which bug acts; the library of mutants looks at it. */
extern int lab_mutant;
int lab_mutant;

/* Asked for here, so that a heap with a secret is the same in every run. */
int getentropy(void *buffer, size_t bytes)
{
    memset(buffer, 0x5a, bytes);
    return 0;
}

/* What the child leaves for its parent. */
struct shared {
    struct result result;
    moment alarm;
    volatile bool is_checking;
};

static struct shared *shared;
static const struct stage *stage; /* the library's */
static struct run current;
static int output_fd;
static moment begun; /* the op that made the last call, from 1; 0: mm_init */

/* --- The stage as the driver sees it ------------------------------------ */

/* The op under way, from 1; 0: mm_init. */
static moment now(void)
{
    return shared->result.op == RESULT_INIT ? 0 : shared->result.op + 1;
}

/* The author's mm_checkheap on the heap as it is at that moment. */
static void look(moment at)
{
    shared->is_checking = true;
    bool is_sound = stage->checkheap((int)at);
    shared->is_checking = false;
    if (is_sound)
        return;
    shared->alarm = at;
    fflush(NULL);
    _exit(0);
}

static void begin_call(void)
{
    moment at = now();

    if (current.looks && at > begun)
        look(at - 1);
    begun = at;
    lab_mutant = at <= current.until ? current.mutant : 0;
}

static void end_call(void)
{
    lab_mutant = 0;
}

static bool run_init(void)
{
    begin_call();
    bool done = stage->init();
    end_call();
    return done;
}

static void *run_malloc(size_t size)
{
    begin_call();
    void *block = stage->malloc(size);
    end_call();
    return block;
}

static void run_free(void *ptr)
{
    begin_call();
    stage->free(ptr);
    end_call();
}

static void *run_realloc(void *ptr, size_t size)
{
    begin_call();
    void *block = stage->realloc(ptr, size);
    end_call();
    return block;
}

static void *run_calloc(size_t count, size_t size)
{
    begin_call();
    void *block = stage->calloc(count, size);
    end_call();
    return block;
}

static void *run_memalign(size_t align, size_t size)
{
    begin_call();
    void *block = stage->memalign(align, size);
    end_call();
    return block;
}

/* The driver looks at the heap once with mm_walk; no program does. */
static void run_walk(mm_visit *visit, void *arg)
{
    (void)visit;
    (void)arg;
}

static struct stage wrapped_stage(void)
{
    struct stage wrapped = *stage;

    wrapped.init = run_init;
    wrapped.malloc = run_malloc;
    wrapped.free = run_free;
    wrapped.realloc = run_realloc;
    wrapped.calloc = run_calloc;
    wrapped.walk = run_walk;
    if (stage->memalign)
        wrapped.memalign = run_memalign;
    return wrapped;
}

/* --- The child ---------------------------------------------------------- */

static void limit_time(void)
{
    int ms = current.looks ? LOOKS_MS : PLAIN_MS;
    struct itimerval timer = {
        .it_value = {ms / 1000, ms % 1000 * 1000},
    };
    struct rlimit no_core = {0, 0};
    struct rlimit file = {OUTPUT_BYTES, OUTPUT_BYTES};

    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_FSIZE, &file);
    setitimer(ITIMER_PROF, &timer, NULL);
}

static void redirect_output(void)
{
    int null_fd = open("/dev/null", O_RDONLY);

    dup2(null_fd, STDIN_FILENO);
    dup2(output_fd, STDOUT_FILENO);
    dup2(output_fd, STDERR_FILENO);
}

/* An era without memalign is asked for plain blocks instead. */
static void fit_trace(struct trace *trace)
{
    for (size_t i = 0; i < trace->ops_count && !stage->memalign; i++) {
        if (trace->ops[i].kind == TRACE_MEMALIGN)
            trace->ops[i].kind = TRACE_MALLOC;
    }
}

static bool open_all(void)
{
    char why[1024];
    const char *memory_why;
    struct mem_options memory = {.limit = child_limit(current.trace)};

    stage = stage_load(current.library, why, sizeof(why));
    if (!stage) {
        fprintf(stderr, "%s\n", why);
        return false;
    }
    return mem_open(&memory, &memory_why) && alone_open();
}

static void child_main(void)
{
    struct result *result = &shared->result;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!open_all())
        _exit(1);
    redirect_output();
    limit_time();
    fit_trace(current.trace);

    struct stage wrapped = wrapped_stage();
    struct check check = {
        .trace = current.trace,
        .stage = &wrapped,
        .result = result,
        .limit = child_limit(current.trace),
    };
    result->verdict = VERDICT_NONE;
    result->phase = PHASE_CHECKED;
    bool is_right = replay_checked(&check);
    /* What failed before its op called the stage left the heap as it was. */
    if (current.looks)
        look(begun < now() ? now() - 1 : now());
    if (is_right)
        result->verdict = VERDICT_VALID;
    alone_end_copy();
    _exit(0);
}

/* --- Waiting for it ----------------------------------------------------- */

static double child_seconds(pid_t pid)
{
    struct timespec used = {0};
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) == 0)
        clock_gettime(clock, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

/* Does it wait for something, and not for a processor? */
static bool child_sleeps(pid_t pid)
{
    char path[64];
    char state = 'R';

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'R';
    fclose(file);
    return state == 'S';
}

/* Kill a child that a bug has left waiting for a lock: then no time of a
   processor passes that could run out. */
static bool child_wait(pid_t pid, int *status)
{
    struct pollfd end = {pidfd_open(pid, 0), POLLIN, 0};
    double before = 0.0;
    int naps = 0;

    while (end.fd >= 0 && poll(&end, 1, NAP_MS) == 0 && naps < STUCK_NAPS) {
        double used = child_seconds(pid);
        naps = used > before || !child_sleeps(pid) ? 0 : naps + 1;
        before = used;
    }
    if (naps == STUCK_NAPS)
        kill(pid, SIGALRM);
    close(end.fd);
    return waitpid(pid, status, 0) == pid;
}

/* --- What came of it ---------------------------------------------------- */

static enum verdict verdict_of(int status)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (number == SIGPROF || number == SIGALRM)
        return VERDICT_TIMEOUT;
    if (number)
        return VERDICT_CRASH;
    return shared->result.verdict == VERDICT_NONE ? VERDICT_EXIT
                                                  : shared->result.verdict;
}

/* The explanation's first line, from what was found on. */
static void copy_why(char *why, size_t bytes, const char *error)
{
    const char *colon = strstr(error, "): ");
    const char *text = colon ? colon + 3 : error;

    snprintf(why, bytes, "%.*s", (int)strcspn(text, "\n"), text);
}

/* The last line of all that was printed. */
static void copy_said(char *said, size_t bytes)
{
    char text[4096];
    off_t end = lseek(output_fd, 0, SEEK_END);
    off_t from =
        end > (off_t)sizeof(text) - 1 ? end - (off_t)sizeof(text) + 1 : 0;
    ssize_t got = pread(output_fd, text, sizeof(text) - 1, from);

    while (got > 0 && text[got - 1] == '\n')
        got--;
    text[got > 0 ? got : 0] = '\0';
    const char *line = strrchr(text, '\n');
    snprintf(said, bytes, "%.255s", line ? line + 1 : text);
}

static void tell(int status, struct run_end *outcome)
{
    *outcome = (struct run_end){.alarm = shared->alarm, .harm = now()};
    copy_said(outcome->said, sizeof(outcome->said));
    if (shared->alarm != RUN_NEVER)
        return;
    outcome->check_died = shared->is_checking;
    if (!outcome->check_died)
        outcome->verdict = verdict_of(status);
    copy_why(outcome->why, sizeof(outcome->why), shared->result.error);
}

bool run_trace(const struct run *run, struct run_end *outcome)
{
    int status;

    if (!shared)
        shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return false;
    *shared = (struct shared){.alarm = RUN_NEVER};
    shared->result.op = RESULT_INIT;
    current = *run;
    begun = 0;
    output_fd = memfd_create("output", MFD_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0)
        child_main();
    bool is_over = pid > 0 && child_wait(pid, &status);
    /* A child that could not begin has said why. */
    bool has_run = is_over && !(WIFEXITED(status) && WEXITSTATUS(status) == 1 &&
                                shared->result.op == RESULT_INIT);
    if (has_run)
        tell(status, outcome);
    close(output_fd);
    return has_run;
}
