"""The box: what cannot be done in it, tried with the compiler's filter and
ordinary programs of this machine."""

import errno
import os
import pathlib
import socket

import pytest
import seccomp

from grader import filters, sandbox
from grader.tests import conftest

MIB = 1 << 20


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

    def run(*argv, script=None, is_filtered=True, **limits):
        if not is_filtered:
            filters.write_filter(seccomp.SyscallFilter(seccomp.ALLOW), path)
        if script:
            (room / "script").write_text(script)
            argv = ("/usr/bin/perl", "script")
        return box.run(
            argv,
            sandbox.Limits(**{"cpu": 5, "wall": 10} | limits),
            read={folder: folder for folder in ("/usr", "/lib", "/lib64", "/bin")},
            filter_file=path,
            write=room,
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


def test_its_user_is_nobody_and_has_no_capability(inside):
    assert inside(script="print $<, ' ', $>").out == b"65534 65534"
    assert inside("/usr/bin/chown", "0", ".").status != 0


def test_it_knows_nothing_of_who_runs_it(inside, monkeypatch):
    monkeypatch.setenv("SECRET_OF_MINE", "1")
    names = {line.split(b"=")[0] for line in inside("/usr/bin/env").out.splitlines()}
    assert names == {b"PWD"}


on_pc = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")

SOCKETS = [("AF_INET", 2), ("AF_UNIX", 1), ("AF_VSOCK", 40), ("AF_NETLINK", 16), ("AF_PACKET", 17)]


@on_pc
@pytest.mark.parametrize("name, family", SOCKETS)
def test_there_are_no_sockets(inside, name, family):
    assert inside(script=f"syscall(41, {family}, 1, 0)").status == 128 + 31, name


FORBIDDEN = {"ptrace": 101, "mount": 165, "unshare": 272, "bpf": 321, "keyctl": 250, "io_uring_setup": 425,
             "userfaultfd": 323, "perf_event_open": 298, "setns": 308, "process_vm_writev": 311}  # fmt: skip


@on_pc
@pytest.mark.parametrize("name", FORBIDDEN)
def test_odd_system_calls_end_it(inside, name):
    assert inside(script=f"syscall({FORBIDDEN[name]}, 0, 0, 0, 0, 0)").status == 128 + 31


# What the filter stops is held by what stands behind it, too.


def test_without_the_filter_there_is_no_network(inside):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"use Socket; socket S, PF_INET, SOCK_STREAM, 0 or die; print connect(S, sockaddr_in({port}, INADDR_LOOPBACK)) ? 'in' : $! + 0"
        assert inside(script=script, is_filtered=False).out.decode() == str(errno.ECONNREFUSED)


def test_without_the_filter_no_other_process_is_seen(inside):
    script = f"print kill(0, {os.getpid()}) ? 'seen' : $! + 0, ' ', getppid()"
    assert inside(script=script, is_filtered=False).out.decode() == f"{errno.ESRCH} 1"


def test_time_is_limited(inside):
    spinning = inside("/bin/sh", "-c", "while :; do :; done", cpu=1, wall=20)
    assert spinning.status in (128 + 24, 128 + 9)
    assert inside(script="pipe R, W; <R>", wall=1).status is None


def test_memory_is_limited(inside):
    script = "my $x = 'x' x (1 << 27); print length $x"
    assert inside(script=script).out == b"134217728"
    assert inside(script=script, memory=64 * MIB).status != 0


def test_files_are_limited(inside):
    assert inside("/usr/bin/head", "-c", "10000000", "/usr/bin/perl", file=1 * MIB).status == 128 + 25


def test_processes_are_limited(inside):
    script = "for (1..100) { my $p = fork(); exit 9 unless defined $p; if (!$p) { 1 while 1 } }"
    assert inside(script=script, processes=32).status == 9


def processes():
    """(process, user) of all that run; who has ended and waits to be asked
    for its status does not."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if "State:\tZ" not in (folder / "status").read_text():
                yield folder.name, folder.stat().st_uid
        except OSError:
            continue


def test_what_is_left_behind_ends_with_the_box(inside, box):
    if box.user is None:
        pytest.skip("the processes of the box are told by their user, and that takes root")
    inside("/bin/sh", "-c", "(while :; do :; done) & exit 0")
    assert box.user not in [user for _, user in processes()]


def test_a_machine_without_the_tools_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "bwrap" in sandbox.missing_tools()
    with pytest.raises(sandbox.GraderError, match="--no-sandbox"):
        sandbox.require_tools()
