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

struct crash crash_read(const siginfo_t *info, const void *context)
{
    return (struct crash){
        .number = info->si_signo,
        .code = info->si_code,
        .address = info->si_addr,
        .is_stack_overflow = is_stack_overflow(info, context),
    };
}

/* A fault whose address the kernel knows. */
static bool has_address(const struct crash *crash)
{
    return (crash->number == SIGSEGV || crash->number == SIGBUS) &&
           crash->code > 0 && crash->code != SI_KERNEL;
}

static const char *signal_cause(const struct crash *crash)
{
    if (crash->number == SIGABRT)
        return "it called abort";
    if (crash->code <= 0)
        return "it sent the signal itself";
    if (crash->number == SIGFPE)
        return crash->code == FPE_INTDIV ? "a division by zero"
                                         : "an arithmetic error";
    if (crash->number == SIGILL)
        return "no valid instruction";
    if (crash->number == SIGTRAP)
        return "a trap in the code, as of an unreachable place";
    return "an address that no memory can have, so a pointer overwritten";
}

static void explain_address(struct result *result, const struct trace *trace,
                            const struct crash *crash)
{
    const struct check *check = replay_current();
    char place[256], near[256];

    mem_describe(crash->address, place, sizeof(place));
    explain(result, VERDICT_CRASH, trace, crew_op(result->op),
            "crashed with SIG%s on address 0x%jx, %s",
            sigabbrev_np(crash->number), (uintmax_t)(uintptr_t)crash->address,
            place);
    if (check && check_describe_near(check, crash->address, near, sizeof(near)))
        explain_more(result, "the address lies %s", near);
}

void crash_explain(struct result *result, const struct trace *trace,
                   const struct crash *crash)
{
    const char *name = sigabbrev_np(crash->number);

    if (crash->is_stack_overflow)
        explain(result, VERDICT_CRASH, trace, crew_op(result->op),
                "crashed with SIG%s: the stack overflowed, an endless "
                "recursion or a huge local variable",
                name);
    else if (has_address(crash))
        explain_address(result, trace, crash);
    else
        explain(result, VERDICT_CRASH, trace, crew_op(result->op),
                "crashed with SIG%s: %s", name, signal_cause(crash));
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
    struct crash crash = crash_read(info, context);
    crash_explain(crash_result, crash_trace, &crash);
    while (!explain_is_mine(crash_result)) /* another thread will end this */
        pause();
    _exit(1);
}

bool crash_handle(void (*handler)(int, siginfo_t *, void *))
{
    static const int signals[] = {SIGSEGV, SIGBUS,  SIGFPE,
                                  SIGILL,  SIGTRAP, SIGABRT};
    void *memory = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = memory, .ss_size = HANDLER_STACK};
    struct sigaction action = {
        .sa_sigaction = handler,
        .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER),
    };

    if (memory == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
        return false;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (sigaction(signals[i], &action, NULL) != 0)
            return false;
    }
    return true;
}

bool crash_catch(const struct trace *trace, struct result *result)
{
    crash_trace = trace;
    crash_result = result;
    return crash_handle(handle);
}
