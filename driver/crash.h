/* crash.h - explain a signal in the process that gets it. */
#ifndef CRASH_H
#define CRASH_H

#include <stdbool.h>

#include "result.h"
#include "trace.h"

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
