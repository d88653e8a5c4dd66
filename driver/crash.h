/* crash.h - explain a signal in the process that gets it. */
#ifndef CRASH_H
#define CRASH_H

#include <stdbool.h>

#include <signal.h>

#include "result.h"
#include "trace.h"

/* What is known of a signal. */
struct crash {
    int number;
    int code;               /* siginfo's */
    const void *address;    /* siginfo's */
    bool is_stack_overflow; /* by the stack pointer and the address */
};

/* Gather it, in the handler. */
struct crash crash_read(const siginfo_t *info, const void *context);

/* Explain it. */
void crash_explain(struct result *result, const struct trace *trace,
                   const struct crash *crash);

/* Have handler called for the signals of crash_catch, once each, on a stack of
   its own. Returns false with errno. */
bool crash_handle(void (*handler)(int, siginfo_t *, void *));

/*
 * crash_catch - from here on SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP and
 * SIGABRT are explained in result, and the process ends.
 *
 * The handler has a stack of its own, so an overflowed stack is told, too.
 *
 * Returns false with errno when that cannot be set up.
 */
bool crash_catch(const struct trace *trace, struct result *result);

#endif
