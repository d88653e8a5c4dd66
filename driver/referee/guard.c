/* guard.c - the filter of system calls; see guard.h. */
#include "guard.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter code[BPF_MAXINSNS];
static struct sock_fprog program = {.filter = code};

/* The calls that make a thread or a process. */
static const unsigned makers[] = {
    SYS_clone,
    SYS_clone3,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
};

enum { MAKERS = sizeof(makers) / sizeof(makers[0]) };

bool guard_read(int file)
{
    ssize_t bytes = pread(file, code, sizeof(code), 0);

    if (bytes < 0)
        return false;
    program.len = (unsigned short)((size_t)bytes / sizeof(code[0]));
    errno = EINVAL;
    return bytes > 0 && (size_t)bytes % sizeof(code[0]) == 0;
}

static bool install(const struct sock_fprog *filter)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) == 0;
}

/* No thread and no process beside the one that plays. Which architecture calls
   are of, the other filter looks at. */
static bool install_alone(void)
{
    struct sock_filter alone[MAKERS + 3] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        [MAKERS + 1] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        [MAKERS + 2] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog filter = {MAKERS + 3, alone};

    for (int i = 0; i < MAKERS; i++)
        alone[i + 1] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, makers[i], (__u8)(MAKERS - i), 0);
    return install(&filter);
}

bool guard_enter(bool has_threads)
{
    if (program.len == 0)
        return true;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           (has_threads || install_alone()) && install(&program);
}
