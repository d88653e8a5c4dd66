/* alone.c - notice a stage that forks; see alone.h. */
#include "alone.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* On a page that the kernel wipes in every copy of the process (Linux 4.14). */
static volatile char *original;

/* On a page that all copies share: one of them has been here. */
static volatile char *copied;

/* The process that holds the stage, if it is another, is not alone. */
static bool is_told;

static void *page_new(int sharing)
{
    void *p = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
                   sharing | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

bool alone_open(void)
{
    original = page_new(MAP_PRIVATE);
    copied = page_new(MAP_SHARED);
    if (!original || !copied)
        return false;
    *original = 1;
    return madvise((void *)(uintptr_t)original, (size_t)sysconf(_SC_PAGESIZE),
                   MADV_WIPEONFORK) == 0;
}

void alone_end_copy(void)
{
    if (!original || *original)
        return;
    *copied = 1;
    _exit(0);
}

void alone_tell(bool is_alone)
{
    is_told = is_told || !is_alone;
}

bool alone_has_child(void)
{
    siginfo_t info;

    return original &&
           waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

bool alone_is_alone(void)
{
    enum { OFTEN = 64 };
    static _Thread_local unsigned calls;

    if (!original)
        return !is_told;
    alone_end_copy();
    calls++;
    return !*copied &&
           !((calls <= OFTEN || calls % OFTEN == 0) && alone_has_child());
}
