"""Run a program of programs.py once, under a library, and see what it did."""

import dataclasses
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = pathlib.Path(__file__).resolve().parent / "work"


@dataclasses.dataclass
class Run:
    """How a program ended, what it took, what it said and made."""

    status: int
    signal: int
    too_slow: bool  # it was killed when the time was over
    user: float  # seconds, of all its processes
    system: float
    seconds: float  # by the clock
    peak_kib: int  # of resident memory, of its largest process
    printed: bytes = b""
    complaints: str = ""  # what it wrote to standard error
    files: dict = dataclasses.field(default_factory=dict)  # name -> digest

    @property
    def cpu(self):
        return self.user + self.system


class Bench:
    """The folder that programs run in, and the limits that hold for each run.

    build: where `launch` is, and the folder is made; seconds: on the
    processors; mib: of data, for each process.
    """

    def __init__(self, build, seconds, mib):
        self.launch = build.resolve() / "launch"
        self.folder = build.resolve() / "real"
        self.seconds = seconds
        self.mib = mib
        self.place = self.folder / "run"  # where a program runs, emptied before

    def _input(self, program, size):
        return self.folder / "input" / program.name / size.replace("/", "-")

    def _words(self, template, program, size, port=0):
        values = {"size": size, "root": ROOT, "work": WORK, "port": port}
        values["input"] = self._input(program, size)
        values["python"] = sys.executable
        return [word.format(**values) for word in template]

    def prepare(self, program, size):
        """Make what the program works on; CalledProcessError if that fails."""
        folder = self._input(program, size)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if program.prepare:
            subprocess.run(
                self._words(program.prepare, program, size),
                env=environment(program),
                check=True,
            )

    def run(self, program, size, library):
        """Run the program on the library's malloc."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        (self.folder / "report").unlink(missing_ok=True)
        with (
            open(self.folder / "stdout", "w+b") as out,
            open(self.folder / "stderr", "w+b") as err,
        ):
            status = self._execute(program, size, library, out, err)
            run = self._report()
            run.status = run.status or status
            out.seek(0)
            run.printed = out.read()
            err.seek(0)
            run.complaints = err.read().decode(errors="backslashreplace")
        run.files = {name: digest(self.place / name) for name in program.results}
        return run

    def _execute(self, program, size, library, out, err):
        """Start it under `launch`, wait for it; the client's exit status."""
        port = free_port() if program.client else 0
        limits = ["-s", str(self.seconds), "-m", str(self.mib)]
        measured = subprocess.Popen(
            [self.launch, *limits, "-o", self.folder / "report", library]
            + self._words(program.command, program, size, port),
            cwd=self.place,
            env=environment(program),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if program.client else out,
            stderr=err,
        )
        status = 0
        if program.client:
            client = self._words(program.client, program, size, port)
            status = self._talk(client, measured, out, err)
        measured.wait()
        return status

    def _talk(self, words, measured, out, err):
        """Run what talks to a server and ends it; that one's exit status."""
        client = subprocess.Popen(
            words, env=environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        while client.poll() is None:
            gone = measured.poll() is not None
            try:
                client.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                if gone:  # nobody is there any more to talk to
                    client.kill()
        if client.returncode > 0:
            measured.terminate()
        return max(client.returncode, 0)

    def _report(self):
        """What `launch` wrote; it has no report of what it had to stop."""
        path = self.folder / "report"
        if not path.exists():
            return Run(0, 0, False, 0.0, 0.0, 0.0, 0)
        return Run(**json.loads(path.read_text(encoding="ascii")))

    def line(self, program, size, library):
        """The run as a line for the shell."""
        port = 7777 if program.client else 0
        command = shlex.join(self._words(program.command, program, size, port))
        settings = [f"{k}={v}" for k, v in environment(program).items() if k != "PATH"]
        line = f"cd {self.place} && {' '.join(settings)} LD_PRELOAD={library} {command}"
        if program.client:
            client = self._words(program.client, program, size, port)
            line += f" & {shlex.join(client)}"
        return line


def environment(program=None):
    """What a program sees; nothing of this process's but the PATH."""
    own = program.environment if program else {}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", **own}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def digest(path):
    """A hash of the file; None if there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
