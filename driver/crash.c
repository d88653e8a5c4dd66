/* crash.c - explain a signal in the process that gets it; see crash.h. */
#define _GNU_SOURCE /* sigabbrev_np */
#include "crash.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "alone.h"
#include "crew.h"
#include "explain.h"
#include "memlib_sim.h"
#include "replay.h"

enum {
    HANDLER_STACK = 256 << 10, /* bytes */
    STACK_REACH = 64 << 10,    /* a fault so near to the stack pointer is its */
    HANDLER_SECONDS = 5,       /* for a handler that hangs itself */
};

static const struct trace *crash_trace;
static struct result *crash_result;

/* --- What the signal says ---------------------------------------------- */

static uintptr_t stack_pointer(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.sp;
#else
    (void)context;
    return 0;
#endif
}

static bool is_stack_overflow(const siginfo_t *info, const ucontext_t *context)
{
    uintptr_t fault = (uintptr_t)info->si_addr;
    uintptr_t stack = stack_pointer(context);

    if (info->si_signo != SIGSEGV || info->si_code <= 0 || fault == 0)
        return false;
    return fault + STACK_REACH > stack && fault < stack + STACK_REACH &&
           !mem_contains(info->si_addr, 1);
}

/* A fault whose address the kernel knows. */
static bool has_address(const siginfo_t *info)
{
    return (info->si_signo == SIGSEGV || info->si_signo == SIGBUS) &&
           info->si_code > 0 && info->si_code != SI_KERNEL;
}

static const char *signal_cause(const siginfo_t *info)
{
    if (info->si_signo == SIGABRT)
        return "it called abort";
    if (info->si_code <= 0)
        return "it sent the signal itself";
    if (info->si_signo == SIGFPE)
        return info->si_code == FPE_INTDIV ? "a division by zero"
                                           : "an arithmetic error";
    if (info->si_signo == SIGILL)
        return "no valid instruction";
    if (info->si_signo == SIGTRAP)
        return "a trap in the code, as of an unreachable place";
    return "an address that no memory can have, so a pointer overwritten";
}

static void explain_address(struct result *result, const siginfo_t *info)
{
    const struct check *check = replay_current();
    char place[256], near[256];

    mem_describe(info->si_addr, place, sizeof(place));
    explain(result, VERDICT_CRASH, crash_trace, crew_op(result->op),
            "crashed with SIG%s on address 0x%jx, %s",
            sigabbrev_np(info->si_signo), (uintmax_t)(uintptr_t)info->si_addr,
            place);
    if (check && check_describe_near(check, info->si_addr, near, sizeof(near)))
        explain_more(result, "the address lies %s", near);
}

static void explain_signal(const siginfo_t *info, const ucontext_t *context)
{
    struct result *result = crash_result;
    const char *name = sigabbrev_np(info->si_signo);

    if (is_stack_overflow(info, context))
        explain(result, VERDICT_CRASH, crash_trace, crew_op(result->op),
                "crashed with SIG%s: the stack overflowed, an endless "
                "recursion or a huge local variable",
                name);
    else if (has_address(info))
        explain_address(result, info);
    else
        explain(result, VERDICT_CRASH, crash_trace, crew_op(result->op),
                "crashed with SIG%s: %s", name, signal_cause(info));
    if (crew_is_ending())
        explain_more(result, "that was its last op: the thread was ending, and "
                             "the stage saw to it");
}

/*
 * snprintf is not on the list of what a handler may call; glibc's takes no
 * lock and allocates nothing for these formats. Should it fail all the same,
 * the default action or the alarm ends the process, its verdict already set.
 */
static void handle(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    alone_end_copy();
    signal(SIGALRM, SIG_DFL);
    alarm(HANDLER_SECONDS);
    explain_signal(info, context);
    while (!explain_is_mine(crash_result)) /* another thread will end this */
        pause();
    _exit(1);
}

bool crash_catch(const struct trace *trace, struct result *result)
{
    static const int signals[] = {SIGSEGV, SIGBUS,  SIGFPE,
                                  SIGILL,  SIGTRAP, SIGABRT};
    void *memory = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = memory, .ss_size = HANDLER_STACK};
    struct sigaction action = {
        .sa_sigaction = handle,
        .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER),
    };

    if (memory == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
        return false;
    crash_trace = trace;
    crash_result = result;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (sigaction(signals[i], &action, NULL) != 0)
            return false;
    }
    return true;
}
