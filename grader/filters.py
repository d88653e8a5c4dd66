"""Which system calls a boxed program may make, as programs for the kernel.

An allow-list: any other call ends the process with SIGSYS. The list is
compiled by libseccomp for the processor at hand, so a call by the numbers of
another (int 0x80 on a 64-bit PC) ends the process, too.

Source: seccomp(2), libseccomp(3).
"""

import errno
import mmap

import seccomp

# A program that starts, reads its libraries and ends.
START = """
    access arch_prctl brk close execve exit exit_group faccessat faccessat2 fcntl
    fstat futex getcwd getpid getppid gettid getuid geteuid getgid getegid
    getrandom lseek lstat madvise mmap mprotect mremap munmap newfstatat open
    openat pread64 prlimit64 read readlink readlinkat readv rseq rt_sigaction
    rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield set_robust_list
    set_tid_address sigaltstack stat statx sysinfo tgkill uname wait4 write
    writev
"""

# gcc, its parts and binutils: several programs, and files they write.
COMPILE = """
    chdir chmod clock_gettime dup dup2 fchmod ftruncate getdents64 getrlimit
    getrusage ioctl kill pipe pipe2 poll rename setrlimit umask unlink utimensat
    vfork
"""

# valgrind beside those; the calls of the program that it runs are among them.
COUNT = """
    getxattr prctl rt_sigtimedwait
"""

# The player's first process, and a player until it has loaded the submission;
# both begin processes, too.
PLAY = """
    clock_gettime close_range getpgrp kill poll prctl recvfrom recvmsg
    rt_sigtimedwait seccomp sendmsg sendto signalfd4
"""

# A player from then on. It has no open file but the standard ones.
GUARDED = """
    clock_gettime close exit exit_group fstat futex getpid getrandom gettid lseek
    madvise mremap munmap newfstatat restart_syscall rseq rt_sigaction
    rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield set_robust_list
    sigaltstack tgkill wait4 waitid write writev
"""

# Bits of clone's flags that make new namespaces.
NEW_NAMESPACES = 0x7E020080

CLONE_THREAD = 0x00010000


def make_filter(calls):
    """An allow-list of the calls named in a text; all else kills."""
    rules = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
    for name in calls.split():
        rules.add_rule(seccomp.ALLOW, name)
    # Its flags lie in memory, out of a filter's sight; libc then takes clone.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    return rules


def allow_processes(rules):
    """Let new processes and threads begin, in the namespaces that there are."""
    rules.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, NEW_NAMESPACES, 0))
    return rules


def compile_filter():
    """For the compiler and the tools that look into what it made."""
    return allow_processes(make_filter(START + COMPILE))


def count_filter():
    """For valgrind, with a submission in it."""
    return make_filter(START + COMPILE + COUNT)


def player_filter():
    """For the player until it has loaded the submission."""
    return allow_processes(make_filter(START + PLAY + GUARDED))


def guard_filter():
    """For a player that has loaded the submission: no file, no process, no
    code that was not there, no memory shared with anyone.

    It takes the filter upon itself, so that cannot be undone. Threads of its
    own are for traces with threads; the player forbids them in others.
    """
    rules = make_filter(GUARDED)
    threads = seccomp.Arg(0, seccomp.MASKED_EQ, NEW_NAMESPACES | CLONE_THREAD, CLONE_THREAD)
    rules.add_rule(seccomp.ALLOW, "clone", threads)
    not_code = seccomp.Arg(2, seccomp.MASKED_EQ, mmap.PROT_EXEC, 0)
    not_shared = seccomp.Arg(3, seccomp.MASKED_EQ, mmap.MAP_SHARED, 0)
    rules.add_rule(seccomp.ALLOW, "mmap", not_code, not_shared)
    rules.add_rule(seccomp.ALLOW, "mprotect", not_code)
    return rules


def write_filter(rules, path):
    """Write a filter as BPF, the form bwrap reads, to a file."""
    with open(path, "wb") as file:
        rules.export_bpf(file)
