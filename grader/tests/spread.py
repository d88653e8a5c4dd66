#!/usr/bin/python3
"""How much a score varies: judge one submission many times, on an idle
machine and then with a busy loop on another processor, by both metrics.

    grader/tests/spread.py [--stage 4] [--runs 20] [--metrics time instructions]
                           [--machine idle loaded] [--traces DIR]

Prints the table of docs/grader.md. Takes a while: a run by time takes about three
seconds a trace. Run it on a machine that does nothing else.
"""

import argparse
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from grader import LAB, cli, judge, machine  # noqa: E402
from grader.case import Case  # noqa: E402


@contextlib.contextmanager
def busy(cpu):
    """A busy loop on another processor than cpu, if there is one."""
    others = sorted(os.sched_getaffinity(0) - {cpu})
    if not others:
        raise SystemExit("spread: one processor only: nothing else can be busy")
    loop = subprocess.Popen(
        ["sh", "-c", "while :; do :; done"], preexec_fn=lambda: os.sched_setaffinity(0, others[-1:])
    )
    try:
        yield
    finally:
        loop.kill()
        loop.wait()


def scores(bench, path, runs):
    """The score of each of so many runs of the second pass, as they come."""
    case = Case(bench, path, path.parent.name, 0)
    try:
        case.check()
        for _ in range(runs):
            case.measure()
            outcome = case.outcome()
            if outcome["score"] is None:
                raise SystemExit(f"spread: {outcome['reason']}")
            yield outcome["score"]
    finally:
        case.close()


def describe(values):
    """Cells: least, median, greatest, and their distance."""
    least, most = min(values), max(values)
    return f"{least:.10g} | {statistics.median(values):.10g} | {most:.10g} | {most - least:.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", default="4")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--metrics", nargs="+", choices=judge.METRICS, default=judge.METRICS)
    parser.add_argument("--machine", nargs="+", choices=("idle", "loaded"), default=("idle", "loaded"))
    parser.add_argument("--traces", default=LAB / "traces")
    own = parser.parse_args()
    print(f"{machine.processor()}, stage {own.stage}, {own.runs} runs each\n")
    print("| metric | machine | least | median | greatest | distance |")
    print("|---|---|---|---|---|---|")
    stack = contextlib.ExitStack()
    for metric in own.metrics:
        words = ["judge", "x", "--stage", own.stage, "--metric", metric, "--traces", str(own.traces)]
        bench = judge.make_bench(cli.parse(words), stack)
        path = LAB / "stages" / bench.stage.folder / "mm.c"
        for name in own.machine:
            with busy(bench.cpu) if name == "loaded" else contextlib.nullcontext():
                values = list(scores(bench, path, own.runs))
            print(f"| {metric} | {name} | {describe(values)} |", flush=True)


if __name__ == "__main__":
    main()
