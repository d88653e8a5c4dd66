#!/usr/bin/python3
"""Run real programs on every stage's malloc, and compare them with glibc's.

Each program of programs.py runs under glibc and under a stage in turn. What it
prints and the files that it makes must be the same, byte by byte; its time on
the processors and the peak memory of its largest process are given as
multiples of glibc's. A program that does not end in time runs once more, on a
small input. `make real` calls this; docs/real.md says more.

Exit status: 0 when every run gave glibc's answer, if only on the small input,
or was out of memory under a stage that never reuses any; 1 when one crashed,
failed, gave another answer or none in time; 2 when there is nothing to run.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys

from bench import Bench
from programs import PROGRAMS

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "launch"))
import command  # noqa: E402

# Loaded first, glibc's malloc serves even a program that brings its own:
# Debian's redis-server is linked with jemalloc.
GLIBC = "libc.so.6"

MAY_RUN_OUT = ("1",)  # stages that never reuse memory
SLOW = 3  # times glibc's time: beyond that one pair of runs is enough

NO_MEMORY = re.compile(
    r"out of memory|cannot allocate|memory exhausted|not enough memory|MemoryError",
    re.IGNORECASE,
)


# --- Verdicts ----------------------------------------------------------------


@dataclasses.dataclass
class Result:
    """What came of one program under one stage."""

    program: str
    stage: str
    size: str = "full"  # or "small"
    is_smaller: bool = False  # since it was too slow on the full input
    verdict: str = "ok"
    detail: str = ""  # what was found, if not ok
    line: str = ""  # for the shell: the same run again
    pairs: list = dataclasses.field(default_factory=list)  # (glibc's, stage's)

    def ratios(self, what):
        """The stage's cpu or peak_kib by glibc's, pair by pair."""
        return [getattr(own, what) / getattr(glibc, what) for glibc, own in self.pairs]

    def is_fault(self):
        """Is it one that the stage has to answer for?"""
        if self.verdict == "no memory":
            return self.stage not in MAY_RUN_OUT
        return self.verdict != "ok"


def signal_of(run):
    """The name of the signal that ended it or its last command, or None."""
    number = run.signal or (run.status - 128 if run.status > 128 else 0)
    try:
        return signal.Signals(number).name if number else None
    except ValueError:
        return None


def first_difference(found, expected):
    """The first line of a text that is another than it should be."""
    ours, theirs = found.splitlines(), expected.splitlines()
    for number, line in enumerate(theirs):
        if number >= len(ours):
            return f"line {number + 1} is missing, expected {line[:60]!r}"
        if ours[number] != line:
            return f"line {number + 1}: {ours[number][:60]!r}, expected {line[:60]!r}"
    return f"line {len(theirs) + 1}: one more than expected"


def judge(run, expected):
    """Verdict on a run by one under glibc, and what was found."""
    said = run.complaints.strip().splitlines()
    last = f": {said[-1][:120]}" if said else ""
    if run.too_slow:
        return "too slow", "no answer in time, not even on the small input"
    if run.status and NO_MEMORY.search(run.complaints):
        return "no memory", f"ended with status {run.status}{last}"
    if signal_of(run):
        return "crashed", f"{signal_of(run)}{last}"
    if run.status != expected.status:
        return "failed", f"status {run.status}, expected {expected.status}{last}"
    if run.printed != expected.printed:
        return "differs", first_difference(run.printed, expected.printed)
    for name, wanted in expected.files.items():
        if run.files[name] != wanted:
            what = "is another" if run.files[name] else "is missing"
            return "differs", f"the file {name} {what}"
    return "ok", ""


# --- Runs --------------------------------------------------------------------


class Unusable(Exception):
    """A program that does not even run under glibc."""


def reference(bench, program, size):
    """A first run under glibc: what the others must say. Fills caches too."""
    try:
        bench.prepare(program, size)
    except subprocess.CalledProcessError as error:
        raise Unusable(f"{program.name}: its input cannot be made: {error}") from error
    run = bench.run(program, size, GLIBC)
    if run.too_slow or run.status or run.signal:
        raise Unusable(
            f"{program.name}: does not run under glibc (status {run.status}, signal "
            f"{run.signal}, {'too slow' if run.too_slow else run.complaints.strip()})\n"
            f"  {bench.line(program, size, GLIBC)}"
        )
    return run


def run_pair(bench, program, result, library, expected):
    """One run under glibc and one under the stage; False ends the rounds."""
    size = getattr(program, result.size)
    glibc = bench.run(program, size, GLIBC)
    own = bench.run(program, size, library)
    result.verdict, result.detail = judge(own, expected)
    if result.verdict == "ok":
        result.pairs.append((glibc, own))
        return own.cpu < SLOW * glibc.cpu
    result.line = bench.line(program, size, library)
    return False


def run_program(bench, program, stages, options):
    """The results of one program under each stage: label -> library."""
    size = "small" if options.quick else "full"
    expected = reference(bench, program, getattr(program, size))
    results = {label: Result(program.name, label, size) for label in stages}
    going = dict(stages)
    for _ in range(options.rounds):
        for label, library in list(going.items()):
            tick()
            if not run_pair(bench, program, results[label], library, expected):
                del going[label]
    late = [each for each in results.values() if each.verdict == "too slow"]
    if late and size == "full":
        expected = reference(bench, program, program.small)
        for each in late:
            tick()
            each.size, each.is_smaller = "small", True
            run_pair(bench, program, each, stages[each.stage], expected)
    return list(results.values())


def tick():
    print(".", end="", file=sys.stderr, flush=True)


def run_all(bench, programs, stages, options):
    """All results, and what cannot be run at all."""
    results, troubles = [], []
    for number, program in enumerate(programs, start=1):
        print(
            f"[{number}/{len(programs)}] {program.name} ",
            end="",
            file=sys.stderr,
            flush=True,
        )
        try:
            results += run_program(bench, program, stages, options)
        except Unusable as error:
            troubles.append(str(error))
        print(file=sys.stderr)
    return results, troubles


# --- The table ---------------------------------------------------------------


def figures(result, what):
    """Median of the ratios, and half their range in percent of it."""
    ratios = result.ratios(what)
    middle = statistics.median(ratios)
    return middle, 50 * (max(ratios) - min(ratios)) / middle


def cell(result, what):
    if result.verdict != "ok":
        return result.verdict
    middle, spread = figures(result, what)
    mark = " *" if result.is_smaller else ""
    if what == "cpu" and len(result.pairs) > 1 and not mark:
        mark = f" {spread:3.0f}%"
    return f"{middle:.2f}" + mark.ljust(5)


def glibc_median(results, what):
    """Of all runs on the usual input; None without any."""
    values = [
        getattr(glibc, what)
        for each in results
        if not each.is_smaller
        for glibc, _ in each.pairs
    ]
    return statistics.median(values) if values else None


def summary(results, what):
    """Median and geometric mean of a stage's ratios on the usual inputs."""
    middles = [
        figures(each, what)[0]
        for each in results
        if each.verdict == "ok" and not each.is_smaller
    ]
    if not middles:
        return None, None
    return statistics.median(middles), statistics.geometric_mean(middles)


def row(first, second, cells):
    return f"{first:15}{second:>8}" + "".join(f"{each:>11}" for each in cells)


def heading(label):
    return f"stage {label}" if label.isdigit() else label


def table(results, stages, what, title, unit, scale):
    """Lines of one table: the programs down, the stages across."""
    lines = [title, row("program", unit, [heading(each) for each in stages])]
    for name in dict.fromkeys(each.program for each in results):
        own = [each for each in results if each.program == name]
        base = glibc_median(own, what)
        number = "-" if base is None else f"{base * scale:.2f}"
        lines.append(row(name, number, [cell(each, what) for each in own]))
    sums = [summary([r for r in results if r.stage == s], what) for s in stages]
    for index, word in enumerate(("median", "geometric mean")):
        numbers = ["-" if s[index] is None else f"{s[index]:.2f}     " for s in sums]
        lines.append(row(word, "", numbers))
    return lines


def notes(results, troubles):
    """What is to be said of single cells, with the way to see it again."""
    lines = []
    if any(each.is_smaller and each.verdict == "ok" for each in results):
        lines.append("* on the small input: the full one was not done in time")
    for each in results:
        if each.verdict != "ok":
            detail = f": {each.detail}" if each.detail else ""
            lines.append(f"{each.program}, {heading(each.stage)}: {each.verdict}{detail}")
            lines.append(f"  again: {each.line}")
    return lines + troubles


def text(results, stages, troubles, options):
    """All that is printed."""
    rounds = f"median of {options.rounds} pairs, half their range"
    time = f"time on the processors, x glibc's ({rounds})"
    memory = "peak memory of the largest process, x glibc's"
    lines = table(results, stages, "cpu", time, "glibc s", 1) + [""]
    lines += table(results, stages, "peak_kib", memory, "MiB", 1 / 1024)
    more = notes(results, troubles)
    return "\n".join(line.rstrip() for line in lines + ([""] if more else []) + more)


# --- JSON --------------------------------------------------------------------


def numbers_of(run):
    names = ("user", "system", "seconds", "peak_kib")
    return {name: getattr(run, name) for name in names}


def as_json(results, stages, options):
    """Everything, ratios and runs, for programs to read."""
    rows = []
    for each in results:
        entry = {name: getattr(each, name) for name in ("program", "stage", "size")}
        entry.update(verdict=each.verdict, detail=each.detail)
        if each.verdict == "ok":
            entry["time"], entry["time_spread"] = figures(each, "cpu")
            entry["memory"], entry["memory_spread"] = figures(each, "peak_kib")
        entry["pairs"] = [
            {"glibc": numbers_of(glibc), "stage": numbers_of(own)}
            for glibc, own in each.pairs
        ]
        rows.append(entry)
    sums = {}
    for label in stages:
        own = [each for each in results if each.stage == label]
        time, memory = summary(own, "cpu"), summary(own, "peak_kib")
        sums[label] = {"time_median": time[0], "time_geometric_mean": time[1]}
        sums[label].update(memory_median=memory[0], memory_geometric_mean=memory[1])
    return {"rounds": options.rounds, "summary": sums, "results": rows}


# --- The command line --------------------------------------------------------


def library(words):
    """LABEL=FILE as a pair."""
    label, _, path = words.partition("=")
    if not path or not pathlib.Path(path).is_file():
        raise argparse.ArgumentTypeError(
            f"{words!r}: expected LABEL=FILE, such as 7=build/libmm-7.so"
        )
    return label, str(pathlib.Path(path).resolve())


def positive(words):
    number = int(words)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{words}: expected a number from 1")
    return number


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="programs: " + "; ".join(f"{p.name} ({p.about})" for p in PROGRAMS),
    )
    parser.add_argument("libraries", nargs="+", type=library, metavar="LABEL=FILE",
                        help="a stage's number and its preload library")
    parser.add_argument("--build", default="build", type=pathlib.Path,
                        metavar="DIR", help="where launch is, and to work in")
    parser.add_argument("--programs", nargs="+", metavar="NAME",
                        choices=[each.name for each in PROGRAMS],
                        help="just these (default: all that are installed)")
    parser.add_argument("--rounds", default=3, type=positive, metavar="N",
                        help="pairs of runs (default: %(default)s)")
    parser.add_argument("--limit", default=8, type=positive, metavar="SECONDS",
                        help="of one run (default: %(default)s)")
    parser.add_argument("--memory", default=4096, type=positive, metavar="MIB",
                        help="of data a process may have (default: %(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="small inputs: right or wrong, not how fast")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="write all figures there")
    return parser.parse_args()


def present(programs):
    """Those whose commands are installed; the others are named."""
    found = []
    for program in programs:
        lacking = [name for name in program.needs if not shutil.which(name)]
        if not lacking:
            found.append(program)
            continue
        packages = " ".join(program.needs[name] for name in lacking)
        print(
            f"{program.name}: left out, as {' and '.join(lacking)} is not installed; "
            f"`make deps` installs {packages}",
            file=sys.stderr,
        )
    return found


def main(options):
    wanted = options.programs or [each.name for each in PROGRAMS]
    programs = present([each for each in PROGRAMS if each.name in wanted])
    if not programs:
        print("real: no program to run", file=sys.stderr)
        return 2
    stages = dict(options.libraries)
    bench = Bench(options.build, options.limit, options.memory)
    results, troubles = run_all(bench, programs, stages, options)
    print(text(results, stages, troubles, options))
    if options.json:
        report = json.dumps(as_json(results, stages, options), indent=1)
        command.write_whole(options.json, report + "\n")
    return 1 if troubles or any(each.is_fault() for each in results) else 0


if __name__ == "__main__":
    own = arguments()
    command.run("real", lambda: main(own), own.json)
