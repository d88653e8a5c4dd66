"""Run the referee: the process that is believed, beside the one that is not.

build/referee replays traces against a stage that build/player holds in a
process of its own, in the box. It checks every answer, keeps the clock and
the memory, and writes the figures; see docs/referee.md. Nothing that the
player prints, returns or leaves behind is looked at here.
"""

import contextlib
import dataclasses
import json
import math
import os
import pathlib
import shutil
import subprocess

from grader import LAB, filters, sandbox
from grader.errors import GraderError

SLACK = 60  # seconds that a run may take beside its traces

WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]  # ends when we do, however that is

GRADED = (0, 1)  # exit status: every trace is valid, or some are not


@dataclasses.dataclass(frozen=True)
class Tools:
    """What is built once for all submissions: paths."""

    referee: pathlib.Path
    player: pathlib.Path
    libmm: pathlib.Path

    @classmethod
    def find(cls, build):
        """Those in a build folder. Raises GraderError when one is missing."""
        tools = cls(*(pathlib.Path(build, name).absolute() for name in ("referee", "player", "libmm.a")))
        for path in (tools.referee, tools.player, tools.libmm):
            if not path.exists():
                raise GraderError(f"{path} is missing: run `make` in {LAB} first")
        return tools


def libraries(program):
    """{path: path} of the shared libraries that a program of ours needs."""
    result = subprocess.run(["ldd", program], capture_output=True, text=True, timeout=20, check=True)
    words = (word for line in result.stdout.splitlines() for word in line.split())
    return {word: os.path.realpath(word) for word in words if word.startswith("/")}


class Match:
    """One submission and how its player is started, ready for any traces; a
    context manager.

    box: where it is played. tools: Tools. library: the shared object, a file
    that the box's user may read. folder: ours, for what the referee writes.
    """

    def __init__(self, box, tools, library, course, folder):
        self.tools = tools
        self.library = library
        self.folder = folder
        self.seconds = course["run"]["seconds"]
        self.stack = contextlib.ExitStack()
        self.outer = self.open_filter(filters.player_filter(), "player.bpf")
        self.inner = self.open_filter(filters.guard_filter(), "guard.bpf")
        self.is_open = box.is_open
        self.command = self.player_command(box, course["run"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def open_filter(self, rules, name):
        """A filter as an open file; the referee lets every player read it anew."""
        path = self.folder / name
        filters.write_filter(rules, path)
        return self.stack.enter_context(open(path, "rb"))

    def player_command(self, box, settings):
        """The command line by which the referee starts the player in the box."""
        player = box.folder / "player"
        shutil.copyfile(self.tools.player, player)
        player.chmod(0o755)
        return box.command(
            [str(player)],
            read={player: player, self.library: self.library, **libraries(self.tools.player)},
            limits=sandbox.Limits(
                cpu=2 * math.ceil(settings["seconds"]) + 1,  # a trace is played twice
                memory=settings["memory"],
                space=None,  # it reserves much more than it may use
                file=settings["memory"],  # the memory it shares is a file, too
                processes=settings["processes"],
                files=32,
            ),
            guard=self.outer,
        )

    def play(self, traces, *words):
        """Replay traces (paths); the referee's list of results, one a trace.

        words: more options. Raises GraderError when the referee could not.
        """
        if not traces:
            return []
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        files = [word for trace in traces for word in ("-f", str(trace))]
        guard = [] if self.is_open else [f"--filter={self.inner.fileno()}"]
        command = [*WITH_US, self.tools.referee, "--stage", self.library, *files, "--json", report, "-v0"]
        command += [f"--timeout={self.seconds:g}", *guard, *words, "--", *self.command]
        status, said = self.run(command, len(traces) * 2 * self.seconds + SLACK)
        if status not in GRADED or not report.exists():
            raise GraderError(f"the referee ended with status {status}: {said[-500:]}")
        return json.loads(report.read_text(encoding="ascii"))["traces"]

    def run(self, command, seconds):
        """Run the referee; its status (None: out of time) and messages."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[self.outer.fileno(), self.inner.fileno()],
            start_new_session=True,
        )
        try:
            _, err = process.communicate(timeout=seconds)
            return process.returncode, err.decode("utf-8", "backslashreplace").strip()
        except subprocess.TimeoutExpired:
            return None, f"not done after {seconds:g} s"
        finally:
            sandbox.end(process)
