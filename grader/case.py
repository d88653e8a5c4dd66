"""One submission on its way through the judge, from its files to its result."""

import concurrent.futures
import contextlib
import dataclasses
import functools
import os
import pathlib
import re
import shutil
import tempfile

from grader import build, course, filters, instructions, machine, referee, report, result, sandbox, score, toolchain
from grader import hidden as hidden_traces
from grader import submission as submissions
from grader.errors import GraderError
from grader.finding import Finding

SETS = ("public", "hidden")


@dataclasses.dataclass(frozen=True)
class Stage:
    """number and name, as in the folder of the lab's own: 3, "explicit"."""

    number: int
    name: str

    @property
    def folder(self):
        return f"{self.number}-{self.name}"


@dataclasses.dataclass(frozen=True)
class Bench:
    """All that is the same for every submission of a run."""

    stage: Stage
    course: course.Course
    tools: referee.Tools
    toolchain: toolchain.Toolchain
    traces: dict  # set -> paths
    metric: str
    cpu: int  # the processor that timings are pinned to
    is_open: bool
    is_vetted: bool
    lab: dict  # the section `lab` of a result


class Case:
    """One submission on its way through both passes.

    Whatever goes wrong on our side ends it as "could not grade", and the
    others go on.
    """

    def __init__(self, bench, path, name, slot):
        self.bench = bench
        self.path = path
        self.name = name
        self.slot = slot
        self.submission = None
        self.build = build.Build()
        self.findings = []
        self.traces = {}  # (set, path) -> what the referee says of it
        self.box = None
        self.match = None
        self.trouble = None  # why it could not be graded
        self.watch = machine.Watch(None)
        self.sandbox = None
        self.notes = []
        self.stack = contextlib.ExitStack()

    def attempt(self, work):
        """Do a piece of work, unless an earlier one has failed."""
        if self.trouble:
            return
        try:
            with self.watch:
                work()
        except GraderError as error:
            self.trouble = str(error)
        except Exception as error:  # noqa: BLE001  (a bug here must not stop the others)
            self.trouble = f"{type(error).__name__}: {error}"

    def check(self):
        """The first pass: load, build, vet, and check all answers."""
        self.attempt(self.check_answers)

    def check_answers(self):
        bench = self.bench
        self.submission = submissions.load(self.path, bench.course["submission"])
        if self.submission.refusal:
            self.findings.append(self.submission.refusal)
            return
        if self.submission.ignored:
            self.notes.append(f"not looked at: {', '.join(self.submission.ignored)}")
        box = self.open_box()
        workshop = build.Workshop(
            box, bench.toolchain, bench.course, self.write_filter(box), bench.tools.libmm
        )
        self.build = build.build(workshop, self.submission, bench.is_vetted)
        self.findings += self.build.findings
        if self.is_runnable():
            self.open_match(box)
            self.play("--check")

    def open_box(self):
        """A scratch folder and a box over it, until close."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="seven-heaps-"))
        self.stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        box = self.stack.enter_context(sandbox.Box(folder, self.slot, self.bench.is_open))
        self.box = box
        self.sandbox = box.describe()
        return box

    @staticmethod
    def write_filter(box):
        path = box.folder / "compile.bpf"
        filters.write_filter(filters.compile_filter(), path)
        return path

    def open_match(self, box):
        bench = self.bench
        ours = pathlib.Path(tempfile.mkdtemp(prefix="seven-heaps-report-"))
        self.stack.callback(shutil.rmtree, ours, ignore_errors=True)
        library = box.folder / "mm.so"
        shutil.copyfile(self.build.library, library)
        library.chmod(0o644)
        match = referee.Match(box, bench.tools, library, bench.course, ours)
        self.match = self.stack.enter_context(match)

    def play(self, *words):
        """Replay what is still valid, and keep what is said of it."""
        for kind, paths in self.bench.traces.items():
            wanted = [path for path in paths if self.is_valid(kind, path)]
            for path, said in zip(wanted, self.match.play(wanted, *words), strict=True):
                self.traces[kind, path] = said
        self.look_at_ends()

    def is_valid(self, kind, path):
        said = self.traces.get((kind, path))
        return said is None or said["verdict"] == "valid"

    def look_at_ends(self):
        """What the kernel or the referee stopped breaks a rule, too."""
        for (_, path), said in self.traces.items():
            if said["verdict"] == "crash" and "SIGSYS" in (said["error"] or ""):
                self.add("forbidden-call", f"ended by the kernel on {path.stem}")
            elif said["verdict"] == "flood":
                self.add("output", f"too much of it on {path.stem}")

    def add(self, rule, text):
        if not any(finding.rule == rule for finding in self.findings):
            self.findings.append(Finding(rule, text))

    def measure(self):
        """The second pass: time or count what was right in the first."""
        if self.match:
            self.watch = machine.Watch(self.bench.cpu)
            self.attempt(self.measure_speed)

    def measure_speed(self):
        if self.bench.metric == "time":
            self.play(f"--cpu={self.bench.cpu}")
        else:
            self.count_instructions()

    def count_instructions(self):
        """Several traces at a time: a count does not depend on what else runs."""
        bench = self.bench
        path = self.box.folder / "count.bpf"
        filters.write_filter(filters.count_filter(), path)
        folder = bench.tools.referee.parent
        program = folder / "count"
        counter = instructions.Counter(self.box, path, program, referee.libraries(program), folder / "counts")
        wanted = [key for key in self.traces if self.is_valid(*key)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            count = functools.partial(counter.count, self.match.library, memory=bench.course["run"]["memory"])
            for key, counts in zip(wanted, pool.map(count, (path for _, path in wanted)), strict=True):
                self.traces[key] |= instructions.figures(self.traces[key], counts)

    def close(self):
        self.stack.close()

    # --- What is found

    def is_broken(self):
        """Whether a finding breaks a rule that the course holds to."""
        return any(self.bench.course.action(finding.rule) == "break" for finding in self.findings)

    def is_runnable(self):
        return self.build.library is not None and not self.is_broken()

    def verdict(self):
        """(verdict, reason): the word of result.py, and why, None when ok."""
        if self.trouble:
            return result.NOT_GRADED, self.trouble
        broken = [f for f in self.findings if self.bench.course.action(f.rule) == "break"]
        if broken:
            return result.RULE_BROKEN, describe(broken[0])
        if not self.build.library:
            return result.COMPILE_ERROR, first_error(self.build.log) or self.build.problem
        wrong = [(path, said) for (_, path), said in self.traces.items() if said["verdict"] != "valid"]
        if not wrong:
            return result.OK, None
        path, said = next((w for w in wrong if w[1]["verdict"] == "none"), wrong[0])
        error = TRACE_PATH.sub("", (said["error"] or said["verdict"]).splitlines()[0], count=1)
        reason = f"{path.stem}: {error} ({len(wrong)} of {len(self.traces)} traces are not valid)"
        return result.OF_TRACE[said["verdict"]], reason

    def trace_rows(self):
        """The section `traces` of the result: the referee's words and the set."""
        rows = []
        for (kind, _), said in self.traces.items():
            row = {"set": kind, **said}
            row["score"] = score.trace_score(row) if row["verdict"] != "valid" or self.is_measured(row) else None
            rows.append(row)
        return rows

    @staticmethod
    def is_measured(row):
        return row["speed"] is not None or row["weight"] == 2

    def summaries(self, verdict, rows):
        """({score, utilization, speed} of the public, of the hidden set)."""
        nothing = {"score": None, "utilization": None, "speed": None}
        if verdict == result.NOT_GRADED:
            return nothing, None
        if verdict == result.COMPILE_ERROR or self.is_broken():
            return nothing | {"score": 0.0}, None
        public, hidden = ([row for row in rows if row["set"] == kind] for kind in SETS)
        return score.summary(public), score.summary(hidden) if hidden else None

    def outcome(self):
        """The result, as result.schema.json has it."""
        verdict, reason = self.verdict()
        try:
            rows = self.trace_rows()
            public, hidden = self.summaries(verdict, rows)
        except ValueError as error:
            self.trouble = str(error)
            return self.outcome()
        entry = self.submission
        return {
            "format": result.FORMAT,
            "submission": {
                "name": self.name,
                "path": entry.path if entry else submissions.show(str(self.path)),
                "sha256": entry.hash if entry and entry.files else None,
                "files": sorted(entry.files) if entry else [],
                "ignored": entry.ignored if entry else [],
            },
            "stage": dataclasses.asdict(self.bench.stage),
            "verdict": verdict,
            "reason": report.plain(reason),
            **public,
            "metric": self.bench.metric,
            "hidden": hidden,
            "traces": rows,
            "findings": [self.finding_row(f) for f in self.findings if self.bench.course.action(f.rule) != "ignore"],
            "build": {
                "compiler": self.bench.toolchain.version,
                "era": self.build.era,
                "vetted": self.bench.is_vetted,
                "log": self.build.log,
            },
            "machine": self.machine_row(),
            "sandbox": self.sandbox or {"kind": "none" if self.bench.is_open else "bubblewrap", "seccomp": not self.bench.is_open, "cgroup": None, "other_user": False},
            "lab": self.bench.lab,
            "graded": result.now(),
            "notes": self.notes + self.warnings() + hidden_traces.remarks(rows, self.bench.metric),
        }

    def finding_row(self, finding):
        row = dataclasses.asdict(finding)
        row["action"] = self.bench.course.action(finding.rule)
        row["text"] = report.plain(finding.text)
        row["why"] = course.RULES[finding.rule]
        return row

    def machine_row(self):
        empty = {"load_before": None, "load_after": None, "steal": None}
        return empty | self.watch.record

    def warnings(self):
        warnings = []
        if self.bench.is_open:
            warnings.append("run without a sandbox: only as safe as the submission is honest")
        if not self.bench.is_vetted:
            warnings.append("not vetted")
        return warnings


def describe(finding):
    where = f"{finding.where}: " if finding.where else ""
    return f"{where}{finding.text} (rule {finding.rule}: {course.RULES[finding.rule]})"


# What a compiler, an assembler or a linker says when it gives up.
TELLING = re.compile(r"error:|multiple definition|undefined reference|out of memory|out of its limits", re.I)

# Where a message of the driver's begins: the trace's path, perhaps a line.
TRACE_PATH = re.compile(r"\S*\.rep:(\d+:)? ")


def first_error(log):
    """The line of a compiler's log that tells what is wrong."""
    lines = [line for line in log.splitlines() if line.strip()]
    return next(filter(TELLING.search, lines), lines[0] if lines else None)
