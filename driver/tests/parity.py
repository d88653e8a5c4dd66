#!/usr/bin/python3
"""mdriver and the referee on the same stages and traces: do they agree?

    driver/tests/parity.py [--timed] [--stages 347e] [--rounds 3] [TRACE...]

For every stage, for each as three threads (-T 3), and for files of the
textbook's eras with blocks at multiples of 8 and of 16 (`e`), prints how many
traces differ in verdict or utilization. With --timed, also how the referee's
throughput and speed compare with mdriver's: of each trace the quotient of the
medians over so many rounds, and how mdriver's throughput compares with its own
of a second run. Trace by trace all three in turn, on one processor. Time it on
a machine that does nothing else. Exit status: 1 when a verdict or a
utilization differs.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

LAB = pathlib.Path(__file__).resolve().parents[2]
BUILD = LAB / os.environ.get("BUILD", "build")
TRACES = sorted(LAB.glob("traces/*.rep")) + sorted(LAB.glob("traces/threads/*.rep"))
ERAS = ("classic", "2010", "2016")
SAME = ("verdict", "utilization", "peak_payload", "peak_footprint", "peak_blocks", "locked", "ops")


def run(*words):
    subprocess.run([str(word) for word in words], cwd=LAB, check=True)


def build_era(era, align, folder):
    """The shared object of the file of an era, as `make stage MM=` builds it."""
    source = LAB / "stages" / "tests" / "eras" / f"{era}.c"
    flags = subprocess.check_output(["driver/eras/flags.sh", era, source], cwd=LAB, text=True)
    name = folder / f"{era}-{align}"
    run("gcc", "-O2", "-std=gnu11", "-fPIC", *shlex.split(flags), "-c", source, "-o", f"{name}-mm.o")
    run(
        "gcc", "-O2", "-std=c11", "-D_DEFAULT_SOURCE", "-fPIC", "-Istages", "-Idriver", f"-DSTAGE_ALIGN={align}",
        "-c", f"driver/eras/{era}/adapter.c", "-o", f"{name}-adapter.o",
    )  # fmt: skip
    run(
        "gcc", "-shared", f"{name}-mm.o", f"{name}-adapter.o", BUILD / "libmm.a", "-lm",
        "-Wl,--version-script=driver/stage.syms", "-o", f"{name}.so",
    )  # fmt: skip
    return pathlib.Path(f"{name}.so")


def replay(program, stage, traces, *options):
    """What a program's JSON says of each trace."""
    words = [word for trace in traces for word in ("-f", str(trace))]
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [BUILD / program, "--stage", stage, *words, "-v0", "--json", report.name, *options]
        done = subprocess.run(command, stderr=subprocess.DEVNULL, cwd=LAB, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"{program} on {stage}: exit status {done.returncode}")
        return json.loads(pathlib.Path(report.name).read_text(encoding="utf-8"))["traces"]


def words_of(error):
    """An error without its lines of advice, and without addresses."""
    return re.sub(r"0x[0-9a-f]+", "0x", (error or "").split("\n")[0])


def differences(ours, theirs):
    """(trace, key, mdriver's, the referee's) of all that is not the same."""
    for mine, other in zip(ours, theirs, strict=True):
        for key in SAME:
            if mine[key] != other[key]:
                yield mine["name"], key, mine[key], other[key]
        if words_of(mine["error"]) != words_of(other["error"]):
            yield mine["name"], "error", mine["error"], other["error"]


def compare(stage, traces, *options):
    """All differences between the two programs on a stage."""
    reports = [replay(program, stage, traces, *options) for program in ("mdriver", "referee")]
    return list(differences(*reports))


# --- Throughput ----------------------------------------------------------------


AGAIN = "mdriver, once more"


class Pace:
    """Throughputs and speeds of one stage, by trace and program."""

    def __init__(self):
        self.found = collections.defaultdict(list)

    def add(self, program, report):
        for trace in report:
            if trace["seconds"]:
                self.found[trace["name"], program].append((1 / trace["seconds"], trace["speed"]))

    def quotients(self, program, figure):
        """A program's / mdriver's, by trace; 0: throughput, 1: speed."""
        names = {name for name, _ in self.found}
        medians = {key: statistics.median(v[figure] for v in values) for key, values in self.found.items()}
        return [medians[n, program] / medians[n, "mdriver"] for n in sorted(names)]

    def describe(self):
        cells = []
        for program, figure in (("referee", 0), ("referee", 1), (AGAIN, 0)):
            values = sorted(self.quotients(program, figure))
            quarter = len(values) // 4
            cells.append(
                f"{statistics.median(values):.3f} | {values[quarter]:.3f} to {values[-1 - quarter]:.3f}"
            )
        return " | ".join(cells)


def time_both(stage, traces, rounds, cpu, more):
    """A Pace, and the differences of all rounds."""
    pace, wrong = Pace(), []
    for trace in traces * rounds:
        ours = replay("mdriver", stage, [trace], *more)
        theirs = replay("referee", stage, [trace], f"--cpu={cpu}", *more)
        pace.add("mdriver", ours)
        pace.add("referee", theirs)
        pace.add(AGAIN, replay("mdriver", stage, [trace], *more))
        wrong += differences(ours, theirs)
    return pace, wrong


def variants(folder, wanted):
    """(name, shared object, options) of all that is compared."""
    for path in sorted(BUILD.glob("stages/*.so")):
        if path.stem[0] in wanted:
            yield path.stem, path, []
            yield f"{path.stem}, -T 3", path, ["-T", "3"]
    for era in ERAS if "e" in wanted else []:
        for align in (8, 16):
            yield f"era {era}, ALIGN={align}", build_era(era, align, folder), []


HEADING = [
    "| stage | traces | differ |",
    " throughput, median | quarters | speed, median | quarters | mdriver again, median | quarters |",
]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="*", metavar="TRACE", type=pathlib.Path, default=TRACES)
    parser.add_argument("--timed", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stages", default="1234567e", help="their numbers, and e for the eras")
    return parser.parse_args()


def main():
    own = parse()
    cpu = max(os.sched_getaffinity(0))
    if own.timed:
        os.sched_setaffinity(0, {cpu})
    print(HEADING[0] + HEADING[1] * own.timed)
    print("|---|---|---|" + "---|---|---|---|---|---|" * own.timed)
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, stage, options in variants(pathlib.Path(folder), own.stages):
            if own.timed:
                pace, wrong = time_both(stage, own.traces, own.rounds, cpu, options)
            else:
                pace, wrong = None, compare(stage, own.traces, "-c", *options)
            row = f"| {name} | {len(own.traces)} | {len({w[0] for w in wrong})} |"
            print(f"{row} {pace.describe()} |" if pace else row, flush=True)
            for difference in wrong:
                print("#", *difference, file=sys.stderr)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
