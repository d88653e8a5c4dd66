#!/usr/bin/python3
"""Run the benchmark programs under several allocators, and compare.

In every round each program runs under all allocators, one after another, so
that what disturbs the machine for a while disturbs all of them. Ratios are
taken round by round; the table has their medians and spreads.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

import allocators
import compare
import tables

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "launch"))
import command  # noqa: E402

FULL = 100  # percent of the work
QUICK = 2
LIMIT = 60  # seconds for a run; a full one takes less than one on a free machine


def list_programs(work):
    """{name: measurements still empty}, in the order of the program's list."""
    listed = subprocess.run([work, "--list"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in listed.stdout.splitlines()]
    return {
        name: {
            "about": about,
            "is_figure": kind == "figure",
            "runs": {},
            "figures": {},
            "failures": {},
        }
        for name, kind, about in rows
    }


def run_to_end(words, limit):
    """The output of a command; it and all it started end after limit
    seconds. Raises ValueError, which says what went wrong."""
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, said = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired as late:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise ValueError(f"not done after {limit} s") from late
    except KeyboardInterrupt:  # a session of its own does not hear of it
        os.killpg(process.pid, signal.SIGKILL)
        raise
    if process.returncode != 0:
        raise ValueError(f"exit status {process.returncode}: {said.strip()}")
    return output


class Bench:
    """The programs, and how they are run."""

    def __init__(self, build, percent):
        self.launch = build / "launch"
        self.work = build / "bench" / "work"
        self.percent = percent

    def run(self, program, allocator):
        """({measure: value}, {figure: value}) of one run; or ValueError."""
        words = [self.launch, allocator.library or "-"]
        words += [self.work, "--percent", str(self.percent), program]
        output = run_to_end(words, LIMIT)
        allocator.check_origin(output)
        took = json.loads(output.splitlines()[-1])
        figures = [line.split() for line in output.splitlines() if line.startswith("figure ")]
        return (
            {
                "wall_s": took["seconds"],
                "cpu_s": took["user"] + took["system"],
                "peak_kib": took["peak_kib"],
            },
            {name: float(value) for _, name, value in figures},
        )

    def add(self, name, program, allocator):
        """Run a program and add what was measured. One that failed is not
        run again."""
        if allocator.name in program["failures"]:
            return
        try:
            measured, figures = self.run(name, allocator)
        except ValueError as failure:
            program["failures"][allocator.name] = str(failure)
            program["runs"].pop(allocator.name, None)
            return
        for kind, found in (("runs", measured), ("figures", figures)):
            values = program[kind].setdefault(allocator.name, {})
            for key, value in found.items():
                values.setdefault(key, []).append(value)


def run_rounds(bench, programs, chosen, rounds):
    """Measure everything. Each time another allocator is the first."""
    for turn in range(rounds):
        for number, (name, program) in enumerate(programs.items(), 1):
            print(
                f"bench: round {turn + 1} of {rounds}, program {number} of {len(programs)}: {name}",
                file=sys.stderr,
            )
            first = (turn + number) % len(chosen)
            for allocator in chosen[first:] + chosen[:first]:
                bench.add(name, program, allocator)


def join(programs, path, names):
    """Add programs that another script has measured under the same
    allocators and written in the shape of compare.py."""
    for name, program in json.loads(pathlib.Path(path).read_text())["programs"].items():
        if set(names) <= set(program["runs"]):
            programs[name] = program
        else:
            print(f"{path}: {name} left out: not run under {' '.join(names)}", file=sys.stderr)


def machine():
    """What the figures depend on."""
    return {
        "machine": platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "libc": " ".join(platform.libc_ver()),
    }


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="where things are built (%(default)s)")
    parser.add_argument("--quick", action="store_true", help=f"one round, {QUICK} %% of the work")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--programs", default="", help="names of programs (default: all)")
    parser.add_argument(
        "--allocators",
        default=" ".join(allocators.DEFAULT),
        help='names of allocators (default: "%(default)s"), stageN, or NAME=LIBRARY',
    )
    parser.add_argument(
        "--join", default="", help="JSON files of the same shape whose programs count too"
    )
    return parser.parse_args()


def choose(programs, wanted):
    """The programs of these names, all if there are none."""
    unknown = set(wanted) - set(programs)
    if unknown:
        sys.exit(f"no such program: {' '.join(unknown)}; there are {', '.join(programs)}")
    return {n: p for n, p in programs.items() if not wanted or n in wanted}


def draw(comparison, build):
    """The pictures, where matplotlib is installed."""
    try:
        import pictures
    except ImportError:
        print("no pictures: they need matplotlib (`make deps`)", file=sys.stderr)
        return
    pictures.draw(comparison, "wall_s", build / "bench-time.png")
    pictures.draw(comparison, "peak_kib", build / "bench-memory.png")


def main(arguments):
    build = pathlib.Path(arguments.build)
    bench = Bench(build, QUICK if arguments.quick else FULL)
    chosen = allocators.find_all(arguments.allocators.split(), build)
    names = [allocator.name for allocator in chosen]
    programs = choose(list_programs(bench.work), arguments.programs.split())
    rounds = 1 if arguments.quick else arguments.rounds

    run_rounds(bench, programs, chosen, rounds)
    for path in arguments.join.split():
        join(programs, path, names)
    comparison = compare.Comparison(programs, names)
    print(tables.report(comparison))
    report = {
        "machine": machine(),
        "rounds": rounds,
        "percent": bench.percent,
        "allocators": {a.name: a.library for a in chosen},
        "programs": programs,
    }
    command.write_whole(build / "bench.json", json.dumps(report, indent=1) + "\n")
    draw(comparison, build)
    return 1 if comparison.failures() else 0


if __name__ == "__main__":
    own = parse_arguments()
    command.run("bench", lambda: main(own), f"{own.build}/bench.json")
