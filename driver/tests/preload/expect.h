/* expect.h - for the programs that preload.test runs under a stage. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* End the process with a line that says what does not hold, and where. */
#define expect(holds) expect_at(holds, __FILE__, __LINE__, #holds)

static inline void expect_at(bool holds, const char *file, int line,
                             const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: expected %s\n", file, line, what);
    _Exit(1);
}

/* Keep the compiler from leaving out a malloc whose block nobody uses. */
static inline void *keep(void *ptr)
{
    __asm__ volatile("" : "+r"(ptr) : : "memory");
    return ptr;
}

#endif
