"""The bugs seeded into the lab's own stages, and who notices them.

stages/tests/mutants/N-name/I3-below.sed is a sed script that plants a bug in
stages/N-name/mm.c. Its first line says what the bug is, and whether a program
would be harmed:

    # Blocks are merged with the one above only. Harms no caller.

I3 is the invariant it breaks: mm_checkheap must print "I3 broken". The driver,
which does not call it without -D, must fail a bug that harms a caller, and pass one that does not (it
wastes memory, or waits for a call that no program makes).
"""

import dataclasses
import os
import pathlib
import re
import subprocess
import tempfile

from grader import LAB, workload
from grader.errors import GraderError

FOLDER = LAB / "stages" / "tests" / "mutants"
ABOUT = re.compile(r"# (?P<about>.*\.) Harms (?P<harm>a|no) caller\.$")
SECONDS = 120  # for one run of the driver
HANG = 3  # seconds for one trace, which takes milliseconds


@dataclasses.dataclass(frozen=True)
class Bug:
    """A seeded bug: its script, stage's folder, invariant, what it is, and
    whether a caller is harmed."""

    script: pathlib.Path
    stage: str
    invariant: str
    about: str
    harms: bool


@dataclasses.dataclass(frozen=True)
class Verdict:
    """named: mm_checkheap named the invariant. failed: the driver, without -D,
    found it wrong. faults: what is not as it should be, in words."""

    bug: Bug
    named: bool
    failed: bool
    faults: tuple


def read_bug(script):
    first = script.read_text().partition("\n")[0]
    match = ABOUT.match(first)
    if not match:
        raise GraderError(
            f'{script}:1: "{first}"; expected "# What it is. Harms a caller." or "... Harms no caller."'
        )
    return Bug(script, script.parent.name, script.stem.partition("-")[0],
               match["about"], match["harm"] == "a")


def bugs_of(stage):
    """The seeded bugs of a stage's folder ("3-explicit"), by name."""
    return [read_bug(script) for script in sorted((FOLDER / stage).glob("*.sed"))]


def stages():
    """The folders of all stages, by number."""
    folders = [path.parent.name for path in LAB.glob("stages/[0-9]*-*/mm.c")]
    return sorted(folders, key=lambda name: int(name.partition("-")[0]))


def run(*command, seconds=SECONDS):
    """Run a command in the lab: (exit status, its output). A program that runs
    past its time has the status 124."""
    try:
        done = subprocess.run(
            [str(word) for word in command], cwd=LAB, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="backslashreplace", timeout=seconds, check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, f"{command[0]}: more than {seconds} seconds"
    return done.returncode, done.stdout


def plant(bug, source):
    """The text of the mm.c at source with the bug in it; None when the script
    changes nothing there."""
    status, text = run("sed", "-f", bug.script, source)
    if status != 0:
        raise GraderError(text.strip())
    return None if text == source.read_text(errors="backslashreplace") else text


class Bench:
    """A folder to build and replay in. build: where the lab was built."""

    def __init__(self, folder, build):
        self.folder = folder
        self.build = build
        self.calls = workload.write_traces(folder)
        self.threads = folder / "threads.rep"
        self.threads.write_text(workload.make_trace(1, workload.THREADED))
        self.adapter = folder / "adapter.o"
        self.compile("-std=c11", "-D_DEFAULT_SOURCE", "-Istages", "-Idriver", "-DSTAGE_ALIGN=MM_ALIGN",
                     "-c", "driver/eras/seven/adapter.c", "-o", self.adapter)

    @staticmethod
    def compile(*words):
        status, said = run(os.environ.get("CC", "gcc"), "-fPIC", *words)
        if status != 0:
            raise GraderError(f"it does not build:\n{said}", status=1)

    def library(self, source):
        """Build an mm.c into a library for the driver; its path."""
        library = self.folder / "mm.so"
        self.compile("-std=c11", "-D_DEFAULT_SOURCE", "-Istages", "-Idriver", "-O0", "-w", "-shared",
                     source, self.adapter, self.build / "libmm.a", "-lm",
                     "-Wl,--version-script=driver/stage.syms", "-o", library)
        return library

    def look(self, library):
        """What mm_checkheap says after every call, and once more when the
        driver has found something wrong; no threads."""
        return run(self.build / "mutants", library, 0, *self.calls)[1]

    def replay(self, library, *options):
        """The driver's exit status and output on the calls."""
        words = [word for trace in (*self.calls, self.threads) for word in ("-f", trace)]
        return run(self.build / "mdriver", "--stage", library, "-s", HANG, *options, *words)


def judge(bug, bench):
    """Plant a bug in its stage and see who notices: a Verdict."""
    text = plant(bug, LAB / "stages" / bug.stage / "mm.c")
    if text is None:
        return Verdict(bug, False, False, (f"{bug.script.relative_to(LAB)} changes nothing: has mm.c changed?",))
    source = bench.folder / "mm.c"
    source.write_text(text)
    library = bench.library(source)
    wanted = f"{bug.invariant} broken"
    said = bench.look(library)
    if wanted not in said:
        said += bench.replay(library, "-D")[1]
    named = wanted in said
    faults = [] if named else [f'expected "{wanted}", found:\n{said}']
    status, said = bench.replay(library, "-c")
    failed = status == 1
    if status not in (0, 1) or failed != bug.harms:
        expected = "1: it harms a caller" if bug.harms else "0: it harms none"
        faults.append(f"mdriver -c: expected exit status {expected}; found {status}:\n{said}")
    return Verdict(bug, named, failed, tuple(faults))


def sound_faults(stage, bench, ops=0):
    """What the driver has against a stage as it is, with -D: on the calls, and
    on so many random operations more."""
    library = bench.library(LAB / "stages" / stage / "mm.c")
    status, said = bench.replay(library, "-D")
    if status == 0 and ops > 0:
        with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
            workload.write_calls(pathlib.Path(folder), ops)
            status, said = run(bench.build / "mdriver", "--stage", library, "-D", "-t", folder, seconds=1200)
    return () if status == 0 else (f"expected it to be sound:\n{said}",)
