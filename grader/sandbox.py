"""The box in which everything of a submission runs: bubblewrap and limits.

What is in the box: the files it is given, read-only, and nothing else of this
machine. What holds it, from outside to inside:

    control group   memory and processes of all of the box, where granted
    prlimit         processor time, address space, file size, open files
    another user    when the judge is root: one that owns nothing
    bubblewrap      own namespaces of every kind, so no network, no processes
                    but its own, an empty root; no capabilities; ends with us
    seccomp         an allow-list of system calls (filters.py)

Source: bwrap(1), prlimit(1), setpriv(1).
"""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from grader import cgroups
from grader.errors import GraderError

NEEDED = ["bwrap", "prlimit", "setpriv", "sh"]

# Users that no account of Debian's has (Debian Policy 9.2.2); one for each
# box, so that the limit on a user's processes is that of the box.
FIRST_USER = 61184
USERS = 4000

MIB = 1 << 20

# Enters the control groups and becomes the rest of the command.
ENTER = 'for g in $GROUPS_OF_BOX; do echo 0 >"$g" || exit 125; done; exec "$@"'


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a box may take."""

    cpu: int = 20  # seconds of processor time, a process
    wall: float = 60  # seconds
    memory: int = 2048 * MIB  # bytes, of all processes together
    space: int | None = 4096 * MIB  # bytes of address space, a process
    file: int = 64 * MIB  # bytes of a file written
    processes: int = 64
    files: int = 128  # open at once, a process


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a program: its status as subprocess has it (negative: a
    signal), None when its time was up; its output, cut at OUTPUT bytes."""

    status: int | None
    out: bytes
    err: bytes


OUTPUT = 8 * MIB


def missing_tools():
    """Names of the programs a box needs that this machine lacks."""
    return [name for name in NEEDED if not shutil.which(name)]


def require_tools():
    """Raise GraderError where this machine cannot make a box."""
    if missing := missing_tools():
        raise GraderError(
            f"a submission is only run in a box, and {', '.join(missing)} is missing: run "
            "`make deps`; --no-sandbox runs it without, which is for submissions you trust"
        )


def group_name(folder):
    """A control group's name, after the box's folder and the one that is in."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", f"{folder.parent.name}.{folder.name}")


class Box:
    """A place to run programs of one submission in; a context manager.

    folder: a scratch folder of its own, which the box's user may enter.
    slot: tells boxes apart that are in use at the same time.
    is_open: no box at all but the limits (`--no-sandbox`).
    """

    def __init__(self, folder, slot=0, is_open=False):
        self.folder = pathlib.Path(folder)
        self.is_open = is_open
        is_root = os.geteuid() == 0
        self.user = FIRST_USER + (os.getpid() + slot) % USERS if is_root else None
        self.group = cgroups.make_group(group_name(self.folder))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.group:
            self.group.remove()

    def describe(self):
        """What holds the box, for the result."""
        return {
            "kind": "none" if self.is_open else "bubblewrap",
            "seccomp": not self.is_open,
            "cgroup": self.group.version if self.group else None,
            "other_user": self.user is not None,
        }

    def command(self, argv, *, read, limits, guard, write=None, has_proc=False):
        """The command line, a list, that starts argv in the box.

        read: {path inside: path here} of what it sees, read-only. write: a
        folder here that it sees under the same path and may write to. guard:
        an open file, which whoever runs the command has to pass on: the
        filter of system calls. has_proc: it sees /proc, that of the box.
        """
        if self.group:
            self.group.limit(limits.memory, limits.processes)
        return [
            *self.enter(),
            *self.limit(limits),
            *self.drop_user(),
            *([] if self.is_open else self.wrap(read, write, guard, has_proc)),
            *argv,
        ]

    def enter(self):
        if not self.group:
            return []
        groups = f"GROUPS_OF_BOX={' '.join(self.group.entries())}"
        return ["env", groups, "sh", "-c", ENTER, "sh"]

    @staticmethod
    def limit(limits):
        return [
            "prlimit",
            f"--cpu={limits.cpu}:{limits.cpu + 1}",
            f"--data={limits.memory}",
            *([f"--as={limits.space}"] if limits.space else []),
            f"--fsize={limits.file}",
            f"--nproc={limits.processes}",
            f"--nofile={limits.files}",
            "--core=0",
        ]

    def drop_user(self):
        if self.user is None:
            return []
        words = [f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        return ["setpriv", *words, "--bounding-set=-all", "--"]

    @staticmethod
    def wrap(read, write, guard, has_proc):
        words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
        words += ["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--clearenv"]
        words += ["--seccomp", str(guard.fileno())]
        for inside, here in read.items():
            words += ["--ro-bind", str(here), str(inside)]
        if has_proc:
            words += ["--proc", "/proc"]
        if write:
            words += ["--bind", str(write), str(write), "--chdir", str(write)]
        return [*words, "--remount-ro", "/", "--"]

    def give(self, path):
        """Make the box's user the owner of a file or folder."""
        if self.user is not None:
            os.chown(path, self.user, self.user)

    def run(self, argv, limits, filter_file, **what):
        """Run argv in the box; see command. Returns its Outcome."""
        with (
            open(filter_file, "rb") as guard,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            process = subprocess.Popen(
                self.command(argv, limits=limits, guard=guard, **what),
                pass_fds=[guard.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd="/",
                start_new_session=True,
            )
            try:
                status = process.wait(limits.wall)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                end(process)
            return Outcome(status, head(out), head(err))


def head(file):
    """The first OUTPUT bytes of a file."""
    file.seek(0)
    return file.read(OUTPUT)


def end(process):
    """Kill a process and its group, if they have not ended yet."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
