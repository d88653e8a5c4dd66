"""The box: what cannot be done in it, tried with the compiler's filter and
ordinary programs of this machine."""

import errno
import os
import pathlib
import re
import signal
import socket

import pytest
import seccomp

from grader import filters, sandbox
from grader.tests import conftest
from grader.tests.processes import fields, name_of, processes, wait_for

MIB = 1 << 20

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="a box has a user of its own only under root")


@pytest.fixture
def inside(box):
    """Run a shell or another program in the box."""
    if not conftest.HAS_BOX:
        pytest.skip("a box takes bubblewrap")
    path = box.folder / "filter.bpf"
    filters.write_filter(filters.compile_filter(), path)
    room = box.folder / "out"
    room.mkdir()
    box.give(room)

    def run(*argv, script=None, is_filtered=True, read=(), has_proc=False, **limits):
        if not is_filtered:
            filters.write_filter(seccomp.SyscallFilter(seccomp.ALLOW), path)
        if script:
            (room / "script").write_text(script)
            argv = ("/usr/bin/perl", room / "script")
        return box.run(
            argv,
            sandbox.Limits(**{"cpu": 5, "wall": 10} | limits),
            read={folder: folder for folder in ("/usr", "/lib", "/lib64", "/bin", *read)},
            filter_file=path,
            write=room,
            has_proc=has_proc,
        )

    return run


def test_it_runs_programs(inside):
    assert inside("/bin/sh", "-c", "echo hello; exit 3") == sandbox.Outcome(3, b"hello\n", b"")


@pytest.mark.parametrize("place", ["/root", "/home", "/etc", "/proc", "/dev", "/var"])
def test_the_root_is_empty(inside, place):
    assert inside("/usr/bin/test", "-e", place).status == 1


def test_of_a_folder_it_sees_what_it_is_given(inside, box):
    script = "opendir D, shift; print join ' ', sort readdir D"
    assert inside(script=script.replace("shift", "'/tmp'")).out.decode() == f". .. {box.folder.name}"
    assert inside(script=script.replace("shift", "'..'")).out == b". .. out"


@pytest.mark.parametrize("place", ["/", "/usr", "/usr/lib"])
def test_nothing_can_be_written(inside, place):
    outcome = inside("/usr/bin/touch", f"{place}/file")
    assert outcome.status == 1 and b"touch" in outcome.err


def test_what_it_is_given_can_only_be_read(inside, box):
    folder = box.folder / "given"
    folder.mkdir()
    box.give(folder)
    outcome = inside("/usr/bin/touch", folder / "file", read=[folder])
    assert outcome.status == 1 and b"Read-only file system" in outcome.err


def test_its_user_is_nobody(inside):
    assert inside(script="my $group = $(; print join ' ', $<, $>, $group + 0", is_filtered=False).out == b"65534 65534 65534"


def test_it_knows_nothing_of_who_runs_it(inside, monkeypatch):
    monkeypatch.setenv("SECRET_OF_MINE", "1")
    names = {line.split(b"=")[0] for line in inside("/usr/bin/env").out.splitlines()}
    assert names == {b"PWD"}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
def test_what_the_filter_does_not_allow_ends_it(inside):
    """A socket of AF_VSOCK, which no namespace holds; test_filters.py has the rest."""
    assert inside(script="syscall(41, 40, 1, 0)").status == 128 + 31


# What the filter stops is held by what stands behind it, too.


def test_without_the_filter_there_is_no_network(inside):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"use Socket; socket S, PF_INET, SOCK_STREAM, 0 or die; print connect(S, sockaddr_in({port}, INADDR_LOOPBACK)) ? 'in' : $! + 0"
        assert inside(script=script, is_filtered=False).out.decode() == str(errno.ECONNREFUSED)


def test_without_the_filter_no_other_process_is_seen(inside):
    script = f"print kill(0, {os.getpid()}) ? 'seen' : $! + 0, ' ', getppid()"
    assert inside(script=script, is_filtered=False).out.decode() == f"{errno.ESRCH} 1"


def test_without_the_filter_nothing_is_shared_with_the_machine(inside):
    kinds = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
    script = f"print readlink('/proc/self/ns/' . $_), ' ' for qw({' '.join(kinds)})"
    theirs = inside(script=script, is_filtered=False, has_proc=True).out.decode().split()
    ours = [os.readlink(f"/proc/self/ns/{kind}") for kind in kinds]
    assert len(theirs) == len(kinds) and not set(theirs) & set(ours)


def test_without_the_filter_it_has_a_session_of_its_own(inside):
    """That of a process outside would be 0 there."""
    assert int(inside(script="print syscall(124, 0)", is_filtered=False).out) > 0  # getsid


CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
NONE = "0" * 16


@as_root
def test_bubblewrap_alone_leaves_no_capability(inside, box):
    box.user = None
    has = fields(inside("/bin/cat", "/proc/self/status", has_proc=True, is_filtered=False).out.decode())
    assert [has[key] for key in CAPABILITIES] == [NONE] * 5


@as_root
def test_the_user_alone_has_no_group_and_no_capability(inside, box):
    box.is_open = True
    ours = os.getgroups()
    os.setgroups([0, 4])
    try:
        outcome = inside("/bin/cat", "/proc/self/status")
    finally:
        os.setgroups(ours)
    has = fields(outcome.out.decode())
    assert has["Uid"] == has["Gid"] == " ".join([str(box.user)] * 4)
    assert has["Groups"] == ""
    assert [has[key] for key in CAPABILITIES] == [NONE] * 5


LIMITS = {"cpu time": (7, 8), "data size": (9 * MIB,) * 2, "address space": (1000 * MIB,) * 2, "file size": (3 * MIB,) * 2,
          "processes": (33,) * 2, "open files": (13,) * 2, "core file size": (0,) * 2}  # fmt: skip


def test_every_limit_is_the_kernels(inside, box):
    """What is tried below may be held by a control group, too."""
    box.is_open = True
    said = inside("/bin/cat", "/proc/self/limits", cpu=7, memory=9 * MIB, space=1000 * MIB, file=3 * MIB, processes=33, files=13)
    for name, (soft, hard) in LIMITS.items():
        assert re.search(rf"^Max {name} +{soft} +{hard} ", said.out.decode(), re.MULTILINE), said


def test_time_is_limited(inside):
    spinning = inside("/bin/sh", "-c", "while :; do :; done", cpu=1, wall=20)
    assert spinning.status in (128 + 24, 128 + 9)
    assert inside(script="pipe R, W; <R>", wall=1).status is None


def test_memory_is_limited(inside):
    script = "my $x = 'x' x (1 << 27); print length $x"
    assert inside(script=script).out == b"134217728"
    assert inside(script=script, memory=64 * MIB).status != 0


# Where there are control groups, they hold what no limit of a process does.


@pytest.fixture
def group(inside, box):
    if not box.group:
        pytest.skip("no control groups here")
    box.is_open = True  # bubblewrap ends what is left, too
    return box.group


def test_memory_of_all_processes_is_limited(inside, group):
    """Each of the three stays within the limits of a process."""
    script = "for (1..3) { if (!fork) { my $size = 50 << 20; $x = 'x' x $size; pipe R, W; <R> } } wait; print $?"
    assert inside(script=script, memory=128 * MIB, wall=5).out == b"9"


@as_root
def test_processes_are_limited_where_no_limit_of_a_user_is(inside, box, group):
    box.user = None
    script = "pipe R, W; for (1..20) { my $p = fork(); exit 9 unless defined $p; if (!$p) { <R> } }"
    assert inside(script=script, processes=16).status == 9


def test_a_box_that_cannot_be_limited_is_not_run(inside, box):
    class Closed:
        limit = remove = staticmethod(lambda *_: None)
        entries = staticmethod(lambda: ["/nowhere/cgroup.procs"])

    box.group = Closed
    assert inside("/bin/true").status == 125


def test_output_is_cut(inside):
    assert len(inside(script=f"print 'x' x {sandbox.OUTPUT + 1}").out) == sandbox.OUTPUT


def test_there_is_no_input(inside):
    ours, (read, write) = os.dup(0), os.pipe()
    os.write(write, b"secret")
    os.close(write)
    os.dup2(read, 0)
    try:
        assert inside(script="print 'input: ', <STDIN>").out == b"input: "
    finally:
        os.dup2(ours, 0)
        os.close(ours)
        os.close(read)


def test_files_are_limited(inside):
    assert inside("/usr/bin/head", "-c", "10000000", "/usr/bin/perl", file=1 * MIB).status == 128 + 25


def test_processes_are_limited(inside, box):
    box.group = None
    script = "for (1..100) { my $p = fork(); exit 9 unless defined $p; if (!$p) { 1 while 1 } }"
    assert inside(script=script, processes=32).status == 9


def left_of(box):
    """Processes that run as the box's user."""
    return [process for process, user in processes() if user == box.user]


@as_root
def test_what_is_left_behind_ends_with_the_box(inside, box):
    inside("/bin/sh", "-c", "/bin/sleep 600 & exit 0")
    assert not left_of(box)


@as_root
def test_what_is_left_behind_ends_with_the_group(inside, box, group):
    with box:
        inside("/bin/sh", "-c", "/bin/sleep 600 & exit 0")
        assert left_of(box)
    assert not left_of(box)
    assert not any(folder.exists() for folder in group.folders.values())


@as_root
def test_what_runs_on_ends_with_what_started_it(inside, box):
    """Neither bubblewrap nor a control group helps."""
    box.is_open, box.group = True, None
    assert inside("/bin/sh", "-c", "/bin/sleep 600 & wait", wall=0.5).status is None
    wait_for(lambda: not left_of(box))


@as_root
def test_a_box_ends_with_who_made_it(inside, box):
    """However that ends; no control group helps."""
    box.group = None
    maker = os.fork()
    if maker == 0:
        inside("/bin/sleep", "600", is_filtered=False, wall=600)
        os._exit(0)
    wait_for(lambda: any(name_of(process) == "sleep" for process in left_of(box)))
    os.kill(maker, signal.SIGKILL)
    os.waitpid(maker, 0)
    wait_for(lambda: not left_of(box))


def test_a_machine_without_the_tools_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "bwrap" in sandbox.missing_tools()
    with pytest.raises(sandbox.GraderError, match="--no-sandbox"):
        sandbox.require_tools()
