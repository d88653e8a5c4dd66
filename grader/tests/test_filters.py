"""The filters of system calls, each condition by itself: a child puts itself
under one and makes a call."""

import ctypes
import errno
import mmap
import os
import signal
import threading

import pytest

from grader import filters

pytestmark = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")

LIBC = ctypes.CDLL(None, use_errno=True)
PAGE = mmap.PAGESIZE
READ, WRITE, EXEC = mmap.PROT_READ, mmap.PROT_WRITE, mmap.PROT_EXEC
PRIVATE, SHARED, ANONYMOUS = mmap.MAP_PRIVATE, mmap.MAP_SHARED, mmap.MAP_ANONYMOUS

CALLS = {"read": 0, "open": 2, "mmap": 9, "mprotect": 10, "ioctl": 16, "pread64": 17, "shmget": 29, "shmat": 30,
         "dup": 32, "setitimer": 38, "getpid": 39, "socket": 41, "connect": 42, "sendto": 44, "clone": 56,
         "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101, "personality": 135, "modify_ldt": 154,
         "prctl": 157, "arch_prctl": 158, "setrlimit": 160, "mount": 165, "tkill": 200, "io_setup": 206,
         "sched_setaffinity": 203, "remap_file_pages": 216, "timer_create": 222, "openat": 257, "unshare": 272,
         "perf_event_open": 298, "prlimit64": 302, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
         "seccomp": 317, "memfd_create": 319, "bpf": 321, "execveat": 322, "userfaultfd": 323, "pkey_mprotect": 329,
         "io_uring_setup": 425, "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440}  # fmt: skip

THREAD = 0x00010000  # of clone's flags
SPACES = [0x80, 0x20000, *(0x02000000 << place for place in range(6))]
X32 = 0x40000000  # the numbers of another kind of program, on the same processor


def call(name, *args):
    """Make a system call, by name or number; 0 or its errno."""
    ctypes.set_errno(0)
    LIBC.syscall(CALLS.get(name, name), *(ctypes.c_long(arg) for arg in args))
    return ctypes.get_errno()


def under(rules, *calls, work=call):
    """What comes of calls in a child under a filter: "ended" or 0 or the errno
    of the first that fails."""
    child = os.fork()
    if child == 0:
        rules.load()
        os._exit(next(filter(None, (work(*each) for each in calls)), 0))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGSYS
        return "ended"
    return os.WEXITSTATUS(status)


def not_ended(rules, calls):
    return [each for each in calls if under(rules, each) != "ended"]


# --- The guard, of a player that has loaded the submission --------------------------

HOSTILE = [(name,) for name in CALLS if name not in ("mmap", "mprotect", "getpid", "clone3")]


def test_guard_ends_every_call_that_no_heap_makes():
    assert not not_ended(filters.guard_filter(), HOSTILE)


def test_guard_lets_a_heap_work():
    memory = ("mmap", 0, PAGE, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0)
    assert under(filters.guard_filter(), ("getpid",), memory) == 0


@pytest.mark.parametrize(
    "access, kind",
    [(READ | EXEC, PRIVATE), (READ | WRITE | EXEC, PRIVATE), (EXEC, PRIVATE), (READ | WRITE, SHARED), (READ, SHARED), (READ, SHARED | PRIVATE)],
)
def test_guard_ends_mappings_of_code_and_of_what_is_shared(access, kind):
    assert under(filters.guard_filter(), ("mmap", 0, PAGE, access, kind | ANONYMOUS, -1, 0)) == "ended"


def test_guard_lets_no_page_become_code():
    memory = mmap.mmap(-1, PAGE)
    page = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert under(filters.guard_filter(), ("mprotect", page, PAGE, READ), ("mprotect", page, PAGE, READ | WRITE)) == 0
    for access in (EXEC, READ | EXEC, READ | WRITE | EXEC):
        assert under(filters.guard_filter(), ("mprotect", page, PAGE, access)) == "ended", access


def test_guard_lets_threads_begin_and_nothing_else():
    """A thread without CLONE_SIGHAND is for the kernel to refuse."""
    assert under(filters.guard_filter(), ("clone", THREAD)) == errno.EINVAL
    assert under(filters.guard_filter(), ("clone3", 0, 0)) == errno.ENOSYS
    assert not not_ended(filters.guard_filter(), [("clone", THREAD | space) for space in SPACES])
    assert under(filters.guard_filter(), ("clone", signal.SIGCHLD)) == "ended"


def test_a_call_of_one_thread_ends_all():
    def work(name):
        thread = threading.Thread(target=call, args=[name])
        thread.start()
        thread.join(5)
        return 0

    assert under(filters.guard_filter(), ("getpid",), work=work) == 0
    assert under(filters.guard_filter(), ("socket",), work=work) == "ended"


# --- All of them ------------------------------------------------------------------------

FILTERS = [filters.compile_filter, filters.count_filter, filters.player_filter, filters.guard_filter]
NEVER = ["socket", "ptrace", "mount", "unshare", "bpf", "io_uring_setup", "userfaultfd", "process_vm_writev", "memfd_create"]


@pytest.mark.parametrize("make", FILTERS)
def test_no_filter_allows_what_nobody_needs(make):
    assert not not_ended(make(), [(name,) for name in NEVER])
    assert under(make(), ("clone3", 0, 0)) == errno.ENOSYS


@pytest.mark.parametrize("make", FILTERS)
def test_no_filter_knows_the_numbers_of_other_programs(make):
    assert under(make(), (X32 + CALLS["getpid"],)) == "ended"


@pytest.mark.parametrize("make", FILTERS)
def test_no_filter_allows_new_namespaces(make):
    """The kernel refuses the combination that is tried, where it is asked."""
    assert not not_ended(make(), [("clone", space | THREAD) for space in SPACES])


def test_who_counts_begins_no_process():
    assert under(filters.count_filter(), ("clone", signal.SIGCHLD)) == "ended"
