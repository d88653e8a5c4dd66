"""What a heap checker is worth: bugs seeded into its own mm.c, found or not.

See docs/mutants.md for what is counted and why.
"""

import dataclasses
import pathlib

from grader import LAB, operators, seeded, workload
from grader.errors import GraderError, UsageError

WORDS = ("found", "died", "missed")  # of the bugs that count
SECONDS = 900  # for all bugs of one mm.c
FLAGS = ["-std=gnu11", "-D_DEFAULT_SOURCE", "-Istages", "-Idriver"]
COMPILER = "clang"  # reads what clang has preprocessed


@dataclasses.dataclass(frozen=True)
class Finding:
    """What became of one bug. trace, harm, alarm, why, said as
    build/mutants prints them, harm 0 where it is not known; where: function and
    line, or the bug's script."""

    where: str
    text: str
    word: str
    trace: str
    harm: int
    alarm: int
    why: str
    said: str


@dataclasses.dataclass(frozen=True)
class Report:
    """findings: of bugs that count, found or not. others: how many bugs did
    not, by word. alarms: false ones, in words. ops: operations without a bug."""

    findings: tuple
    others: dict
    alarms: tuple
    ops: int

    @property
    def found(self):
        return sum(finding.word == "found" for finding in self.findings)

    @property
    def score(self):
        """0 to 100; 0 for a checker that cries wolf, whose bugs are not even
        tried. None: no bug counts, so nothing is known."""
        if self.alarms:
            return 0.0
        return 100 * self.found / len(self.findings) if self.findings else None


class Workshop:
    """A folder to build in, and how. build: where the lab was built."""

    def __init__(self, folder, build):
        self.folder = pathlib.Path(folder)
        self.build = build
        self.traces = workload.write_traces(self.folder)

    @staticmethod
    def run(*command):
        status, said = seeded.run(*command, seconds=SECONDS)
        if status != 0:
            raise GraderError(said.strip(), status=1)
        return said

    def preprocess(self, source):
        """The text of source without macros, as bytes."""
        text = self.folder / "preprocessed.c"
        self.run(COMPILER, *FLAGS, "-E", source, "-o", text)
        return text.read_bytes()

    def link(self, text):
        """Build C text, bytes; the library's path."""
        source, library = self.folder / "mm.c", self.folder / "mm.so"
        source.write_bytes(text)
        adapter = "driver/eras/seven/adapter.c"
        objects = []
        for file in (source, adapter):
            objects.append(self.folder / f"{pathlib.Path(file).stem}.o")
            self.run(COMPILER, *FLAGS, "-O1", "-w", "-fPIC", "-DSTAGE_ALIGN=MM_ALIGN", "-c", file, "-o", objects[-1])
        self.run(COMPILER, "-shared", *objects, self.build / "libmm.a", "-lm",
                 "-Wl,--version-script=driver/stage.syms", "-o", library)
        return library

    def replay(self, library, count, traces):
        """build/mutants' lines, each as a dict of Finding's later fields and
        its number."""
        rows = []
        for line in self.run(self.build / "mutants", library, count, *traces).splitlines():
            number, trace, word, harm, alarm, why, said = line.split("\t")
            rows.append({"number": int(number), "trace": trace, "word": word, "harm": int(harm),
                         "alarm": int(alarm), "why": why.strip(), "said": said.strip()})
        return rows


def refuse_era(source):
    """Only this lab's contract says what mm_checkheap is to return."""
    era = Workshop.run(LAB / "driver/eras/detect.sh", source).split()[-1]
    if era != "seven":
        raise UsageError(f"{source} is of the era {era}; only an mm.c of stages/mm.h has an mm_checkheap to judge")


def judge_sound(workshop, library, ops):
    """False alarms on the heap without a bug: words, none when all is well."""
    traces = [*workshop.traces, *workload.write_calls(workshop.folder, ops, most=2000, seed=3)]
    alarms = []
    for row in workshop.replay(library, 0, traces):
        if row["word"] == "false":
            alarms.append(f"after op {row['alarm']} of {row['trace']}: {row['said'] or 'it printed nothing'}")
        elif row["word"] == "died":
            alarms.append(f"mm_checkheap did not come back at op {row['harm']} of {row['trace']}")
        elif row["word"] == "invalid":
            raise GraderError(f"it fails without any bug, mend it first: op {row['harm']}: {row['why']}", status=1)
    return tuple(alarms)


def judge_own(workshop, source):
    """Bugs seeded into the source itself: findings, and a count of the words
    of those that do not count."""
    text, mutants = operators.seed(workshop.preprocess(source), str(source))
    findings, others = [], {}
    library = workshop.link(text)
    for row in workshop.replay(library, len(mutants), workshop.traces):
        number = row.pop("number")
        if number == 0:
            continue
        mutant = mutants[number - 1]
        if row["word"] in WORDS:
            findings.append(Finding(f"{mutant.function}, line {mutant.line}", mutant.text, **row))
        else:
            others[row["word"]] = others.get(row["word"], 0) + 1
    return findings, others


def judge_known(workshop, source, stage):
    """The stage's own seeded bugs, those whose place the source still has."""
    findings = []
    for bug in seeded.bugs_of(stage):
        text = seeded.plant(bug, source)
        if text is None:
            continue
        try:
            library = workshop.link(text.encode("utf-8", "surrogateescape"))
        except GraderError:
            continue  # it no longer fits there
        rows = workshop.replay(library, 0, workshop.traces)
        best = min(rows, key=lambda row: ("false", "died", "invalid", "sound").index(row["word"]))
        best.pop("number")
        word = {"false": "found", "died": "died"}.get(best.pop("word"), "missed")
        best["harm"] = 0 if word == "found" else best["harm"]
        findings.append(Finding(f"known bug {bug.script.stem}", bug.about, word, **best))
    return findings


def judge(source, stage, build, folder, ops):
    """Judge the mm_checkheap of the mm.c at source: a Report.

    stage: whose seeded bugs are tried, too; its folder's name. build: where
    the lab was built; folder: to work in; ops: random operations without a bug.
    """
    source = pathlib.Path(source).resolve()
    if not source.is_file():
        raise UsageError(f"{source}: no such file")
    workshop = Workshop(folder, build)
    refuse_era(source)
    alarms = judge_sound(workshop, workshop.link(source.read_bytes()), ops)
    if alarms:
        return Report((), {}, alarms, ops)
    findings, others = judge_own(workshop, source)
    findings += judge_known(workshop, source, stage)
    return Report(tuple(findings), others, alarms, ops)
