"""Speed by instructions: T = glibc's / the stage's, less the loop's in both.

valgrind's callgrind counts what the program build/count executes between the
call and the return of its one function count_play, in which a trace is played.
The submission's process is in the box and counts nothing itself: the number
comes from the file that callgrind leaves. What that process says of its heap,
the addresses it got, is verified here. docs/instructions.md says what is
pinned so that the number is the same on every machine, and what a submission
could still try.
"""

import bisect
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import tempfile

from grader import sandbox
from grader.errors import GraderError

OPS = 60_000  # of a trace, at most, are played: all of those in traces/
LEAST = 0.02  # of a pass: the loop is never more than the rest, as in mdriver
SECONDS = 300  # of processor time for one pass
COUNTED = b"count_play"  # callgrind goes by names, so no other function has it

VALGRIND = "/usr/bin/valgrind.bin"
LIBEXEC = pathlib.Path("/usr/libexec/valgrind")
CALLGRIND = ["callgrind-amd64-linux", "vgpreload_core-amd64-linux.so", "default.supp"]
OPTIONS = ["-q", "--tool=callgrind", "--vgdb=no", f"--toggle-collect={COUNTED.decode()}",
           f"--dump-after={COUNTED.decode()}"]  # fmt: skip

# valgrind shows a program the processor's own features, and glibc has a memcpy
# for each. These leave the one that every 64-bit PC has, and fix the sizes from
# which on it goes another way.
TUNABLES = {
    "glibc.cpu.hwcaps": ",".join(
        f"-{name}" for name in (
            "AVX", "AVX2", "AVX512F", "AVX512VL", "AVX512BW", "AVX512DQ", "BMI1", "BMI2", "ERMS",
            "FSRM", "LZCNT", "MOVBE", "POPCNT", "RTM", "SSE4_1", "SSE4_2", "SSSE3", "XSAVE", "XSAVEC",
        )
    ),
    "glibc.cpu.x86_data_cache_size": "0x8000",
    "glibc.cpu.x86_shared_cache_size": "0x100000",
    "glibc.cpu.x86_non_temporal_threshold": "0xc0000",
    "glibc.cpu.x86_rep_movsb_threshold": "0x100000",
    "glibc.cpu.x86_rep_stosb_threshold": "0x100000",
}  # fmt: skip
ENVIRONMENT = {
    "GLIBC_TUNABLES": ":".join(f"{name}={value}" for name, value in TUNABLES.items()),
    "LD_BIND_NOW": "1",  # or the first call of each function counts more
    "VALGRIND_LIB": str(LIBEXEC),
}


@dataclasses.dataclass(frozen=True)
class Counts:
    """Instructions of a trace. footprint: bytes that the counted pass took at
    least; problem: why it is no valid pass, or None."""

    stage: int
    libc: int
    loop: int
    ops: int
    footprint: int = 0
    problem: str | None = None

    @property
    def speed(self):
        """T, glibc's net instructions / the stage's."""
        own, libc = (max(total - self.loop, LEAST * total) for total in (self.stage, self.libc))
        return libc / own

    def row(self):
        """For the JSON of a trace."""
        return {"stage": self.stage, "libc": self.libc, "loop": self.loop, "ops": self.ops}


@dataclasses.dataclass(frozen=True)
class Pass:
    """What build/count reports of a pass; see driver/count/main.c."""

    ops: int
    whole: int
    wrong: int
    align: int
    heap: int
    peak: int
    log: tuple


# --- What is played --------------------------------------------------------------


@functools.lru_cache(maxsize=4)
def read_ops(path, most):
    """The first ops of a valid trace: (letter, id, bytes, alignment) each."""
    words = [line.partition("#")[0].split() for line in path.read_text(encoding="ascii").splitlines()]
    words = [line for line in words if line]
    ops = []
    for letter, *numbers in words[4:]:
        if letter == "@":
            continue
        block, *rest = map(int, numbers)
        size = rest[0] * rest[1] if letter == "c" else rest[-1] if rest else 0
        ops.append((letter, block, size, rest[0] if letter == "m" else 1))
    return ops[:most]


def read_report(path, most):
    """A Pass from the file of a process that is not believed; None when it is
    none."""
    try:
        lines = path.read_text(encoding="ascii").split("\n", 6 + most + 1)
        head = [re.fullmatch(r"(\w+) (\d{1,20})", line) for line in lines[:6]]
        numbers = {match[1]: int(match[2]) for match in head if match}
        log = tuple(int(line) for line in lines[6:] if re.fullmatch(r"\d{1,20}", line))
        return Pass(**numbers, log=log)
    except (OSError, TypeError, ValueError):
        return None


def verify(ops, report):
    """Hold a pass against the trace: (bytes of footprint that it must have
    had, problem or None).

    Every block is aligned and apart from all live ones. The heap reached from
    its start to its highest block, if that is how it lies: blocks above it, or
    below, are mapped, and count while they live.
    """
    if report is None or len(report.log) != len(ops) or report.ops != len(ops):
        return 0, "it left no report of the counted pass"
    if not report.whole:
        return 0, "an operation got no memory in the counted pass"
    if report.wrong < len(ops):
        return 0, f"op {report.wrong + 1} found its block changed in the counted pass"
    live, starts, payload, most, top = {}, [], 0, 0, report.heap
    for number, ((letter, block, size, align), address) in enumerate(zip(ops, report.log), 1):
        old = live.pop(block, None)
        if old:
            starts.pop(bisect.bisect_left(starts, old))
            payload -= old[1] - old[0]
        if address == 0:
            continue
        if address % max(align, report.align if report.align in (8, 16) else 16):
            return 0, f"op {number} got a misaligned block in the counted pass"
        entry = (address, address + max(size, 1))
        place = bisect.bisect_left(starts, entry)
        if (place and starts[place - 1][1] > address) or (place < len(starts) and starts[place][0] < entry[1]):
            return 0, f"op {number} got a block that overlaps a live one in the counted pass"
        starts.insert(place, entry)
        live[block] = entry
        payload += size
        most = max(most, payload)
        if report.heap <= address < report.heap + (64 << 30):
            top = max(top, entry[1])
    return max(report.peak, most, top - report.heap), None


class Stopped(Exception):
    """The counted process did not come to its end; the text says how."""


# --- Counting --------------------------------------------------------------------


def need(path):
    """A file that counting needs. Raises GraderError when it is not there."""
    if not os.path.exists(path):
        raise GraderError(f"{path} is missing, and --metric instructions needs it: run `make deps all`")
    return str(path)


def totals(folder):
    """What callgrind's dumps in a folder sum up to, in their order."""
    found = []
    for path in sorted(folder.glob("calls.*"), key=lambda path: int(path.suffix[1:])):
        match = re.search(r"^totals: (\d+)$", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        found.append(int(match[1]) if match else 0)
    return found


class Counter:
    """Counts in a box; for one submission.

    box: a sandbox.Box. filter_file: the box's filter of system calls. program:
    build/count. libraries: {inside: here} that the program is linked to.
    cache: a folder for glibc's counts, which all submissions share.
    """

    def __init__(self, box, filter_file, program, libraries, cache):
        self.box = box
        self.filter_file = filter_file
        self.program = pathlib.Path(need(program))
        self.cache = pathlib.Path(cache)
        self.read = {path: need(path) for path in ("/usr/bin/env", VALGRIND, *(str(LIBEXEC / n) for n in CALLGRIND))}
        self.read |= libraries

    def play(self, library, trace, memory):
        """One run of build/count in a fresh folder of the box.

        library: path, or None for glibc. Returns (totals, path of the report).
        """
        folder = pathlib.Path(tempfile.mkdtemp(prefix="count-", dir=self.box.folder))
        self.box.give(folder)
        program, copy = folder.with_suffix(".program"), folder.with_suffix(".rep")
        shutil.copyfile(self.program, program)
        program.chmod(0o755)
        shutil.copyfile(trace, copy)
        copy.chmod(0o644)
        read = {**self.read, str(program): program, str(copy): copy}
        if library:
            read[str(library)] = library
        words = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        report = folder / "report"
        command = ["/usr/bin/env", "-i", f"TMPDIR={folder}", *words, VALGRIND, *OPTIONS,
                   f"--callgrind-out-file={folder}/calls", str(program), str(library or "libc"),
                   str(copy), str(OPS), str(report)]  # fmt: skip
        limits = sandbox.Limits(cpu=SECONDS, wall=4 * SECONDS, memory=memory, space=None)
        outcome = self.box.run(command, limits, self.filter_file, read=read, write=folder, has_proc=True)
        if outcome.status != 0:
            said = (outcome.err or b"").decode("utf-8", "backslashreplace").strip()
            raise Stopped(f"the counted pass ended with status {outcome.status}: {said[-300:]}")
        return totals(folder), report

    def libc(self, trace, memory):
        """(instructions of glibc's pass, of its loop) on a trace; counted once
        for all submissions, in a box without one."""
        key = hashlib.sha256(f"{OPS} {sorted(ENVIRONMENT.items())}".encode())
        for path in (trace, self.program, *self.read.values()):
            if os.path.isfile(path):
                key.update(pathlib.Path(path).read_bytes())
        known = self.cache / f"{key.hexdigest()[:32]}.json"
        if not known.exists():
            found = self.count_libc(trace, memory)
            self.cache.mkdir(parents=True, exist_ok=True)
            known.with_suffix(f".{os.getpid()}").write_text(json.dumps(found))
            known.with_suffix(f".{os.getpid()}").replace(known)
        return json.loads(known.read_text())

    def count_libc(self, trace, memory):
        try:
            found, _ = self.play(None, trace, memory)
        except Stopped as stopped:
            raise GraderError(f"{trace}: glibc's own: {stopped}") from stopped
        if len(found) != 2:
            raise GraderError(f"{trace}: glibc's pass cannot be counted: {found}")
        return found

    def count(self, library, trace, memory):
        """The Counts of a submission's library on a trace."""
        libc, loop = self.libc(trace, memory)
        ops = read_ops(pathlib.Path(trace), OPS)
        if COUNTED in pathlib.Path(library).read_bytes():
            problem = f"the submission has a name of the judge's, {COUNTED.decode()}"
            return Counts(0, libc, loop, len(ops), problem=problem)
        try:
            found, path = self.play(library, trace, memory)
        except Stopped as stopped:
            return Counts(0, libc, loop, len(ops), problem=str(stopped))
        footprint, problem = verify(ops, read_report(path, len(ops)))
        if len(found) != 1 and not problem:
            problem = "the counted pass was left more than once, or never"
        return Counts(found[0] if found else 0, libc, loop, len(ops), footprint, problem)


def figures(said, counts):
    """What the counts change of what the referee says of a trace: a dict.

    said: its result; the checked pass has told the utilization.
    """
    if counts.problem:
        return {"verdict": "wrong", "error": f"{said['path']}: {counts.problem}"}
    footprint = max(said["peak_footprint"], counts.footprint)
    return {
        "speed": counts.speed,
        "peak_footprint": footprint,
        "utilization": min(1.0, said["peak_payload"] / footprint) if footprint else said["utilization"],
        "instructions": counts.row(),
    }
