/*
 * denied.c mmap|munmap|madvise|mremap - the kernel refuses one system call
 * altogether, as a sandbox may: no call of the family aborts, and free keeps
 * errno.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "expect.h"

/* From now on the system call fails with ENOMEM. */
static void deny(unsigned call)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(steps) / sizeof(steps[0]), steps};

    expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    expect(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static unsigned call_named(const char *name)
{
    return strcmp(name, "mmap") == 0      ? SYS_mmap
           : strcmp(name, "munmap") == 0  ? SYS_munmap
           : strcmp(name, "madvise") == 0 ? SYS_madvise
                                          : SYS_mremap;
}

/* Allocate, change and free what there is memory for. */
static void churn(void)
{
    for (size_t size = 8; size < (size_t)4 << 20; size = size * 2 + 1) {
        errno = 0;
        char *ptr = keep(malloc(size));
        expect(ptr || errno == ENOMEM);
        if (!ptr)
            continue;
        memset(ptr, 1, size);
        errno = 0;
        char *moved = keep(realloc(ptr, 3 * size));
        expect(moved || errno == ENOMEM);
        if (moved)
            ptr = moved;
        expect(ptr[0] == 1 && ptr[size - 1] == 1);
        errno = 7;
        free(ptr);
        expect(errno == 7);
    }
}

int main(int argc, char **argv)
{
    expect(argc == 2);
    churn();
    deny(call_named(argv[1]));
    churn();
    churn();
    return 0;
}
