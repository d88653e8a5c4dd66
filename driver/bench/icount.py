#!/usr/bin/python3
"""Count the instructions of malloc's hot paths under callgrind.

Each case of the program `hot` runs twice, the second time twice as long. The
difference is what so many operations cost, free of start-up and warm-up. What
the loop takes itself is found in the same way with functions that do nothing,
and subtracted. The counts are the same in every run.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import allocators

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "launch"))
import command  # noqa: E402

COLLECTED = re.compile(r"^==\d+== Collected : (\d+)$", re.MULTILINE)
OPERATIONS = 128 * 1024  # after which all the peers are warm
QUICK = 8 * 1024
LOOP = "(loop)"


class Hot:
    """The program of the cases, and how long to run it."""

    def __init__(self, program, operations):
        self.program = program
        self.operations = operations
        listed = subprocess.run([program, "list"], capture_output=True, text=True, check=True)
        rows = [line.split("\t") for line in listed.stdout.splitlines()]
        self.empty_cost = {name: int(cost) for name, cost, _ in rows}
        self.about = {name: about for name, _, about in rows}

    def collect(self, case, allocator, operations, *empty):
        """All instructions of one run of the program. Raises ValueError, which
        says what went wrong."""
        words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        words += [self.program, case, str(operations), *empty]
        run = subprocess.run(
            words, capture_output=True, text=True, env=allocator.environment(), timeout=300
        )
        collected = COLLECTED.search(run.stderr)
        if run.returncode != 0 or not collected:
            raise ValueError(
                f"{case} under {allocator.name}: exit status {run.returncode}\n{run.stderr}"
            )
        allocator.check_origin(run.stdout)
        return int(collected.group(1))

    def per_operation(self, case, allocator, *empty):
        """Instructions an operation, the loop included."""
        once, twice = (
            self.collect(case, allocator, count, *empty)
            for count in (self.operations, 2 * self.operations)
        )
        return (twice - once) / self.operations

    def count(self, case, chosen):
        """Instructions an operation inside the functions of malloc(3), by
        allocator; under LOOP those of the case's own loop around them."""
        loop = self.per_operation(case, allocators.Allocator(allocators.BASE), "empty")
        loop -= self.empty_cost[case]
        row = {a.name: round(self.per_operation(case, a) - loop, 1) for a in chosen}
        return row | {LOOP: round(loop, 1)}


def table(counts, about, names):
    """The counts as text, a row a case."""
    width = max(len(text) for text in about.values())
    rows = ["instructions an operation".ljust(width) + "".join(f"{n:>10}" for n in names)]
    for case, row in counts.items():
        rows.append(about[case].ljust(width) + "".join(f"{row[n]:10.1f}" for n in names))
    return "\n".join(rows)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="where things are built (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="short runs, not yet warm")
    parser.add_argument(
        "--allocators",
        default=" ".join(allocators.DEFAULT),
        help='names of allocators (default: "%(default)s"), stageN, or NAME=LIBRARY',
    )
    parser.add_argument("--cases", default="", help="names of cases (default: all)")
    return parser.parse_args()


def main(arguments):
    if not shutil.which("valgrind"):
        sys.exit("icount needs valgrind: run `make deps` first")
    build = pathlib.Path(arguments.build)
    hot = Hot(build / "bench" / "hot", QUICK if arguments.quick else OPERATIONS)
    chosen = allocators.find_all(arguments.allocators.split(), build)
    cases = arguments.cases.split() or list(hot.about)
    if not set(cases) <= set(hot.about):
        sys.exit(f"no such case; there are {', '.join(hot.about)}")

    counts = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(lambda case: hot.count(case, chosen), cases)
        try:
            for done, (case, row) in enumerate(zip(cases, rows), 1):
                print(f"icount: {done} of {len(cases)}: {case}", file=sys.stderr)
                counts[case] = row
        except (ValueError, subprocess.TimeoutExpired) as failure:
            print(f"icount: {failure}", file=sys.stderr)
            return 1
    names = [allocator.name for allocator in chosen] + [LOOP]
    print(table(counts, hot.about, names))
    report = {
        "unit": "instructions an operation",
        "operations": hot.operations,
        "allocators": {a.name: a.library for a in chosen},
        "about": {case: hot.about[case] for case in cases},
        "counts": counts,
    }
    command.write_whole(build / "icount.json", json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    own = parse_arguments()
    command.run("icount", lambda: main(own), f"{own.build}/icount.json")
