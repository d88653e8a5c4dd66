#!/usr/bin/python3
"""Replay traces in threads: a stage beside glibc, and beside another stage.

For each trace, with threads of its own or in THREADS copies, mdriver is run on
both stages in turn, ROUNDS times. The table has the medians of

    x glibc   glibc's time / the first stage's, as mdriver measures it
    x STAGE   the other stage's time / the first's

and below them the medians over all traces.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def measure(options, stage, trace):
    """The trace's object in mdriver's JSON; RuntimeError if not valid."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        command = [options.build / "mdriver", "--stage", stage, "-f", trace, "--parallel"]
        command += ["-T", str(options.threads), "--json", report]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{stage} on {trace}: {done.stdout}{done.stderr}")
        return json.loads(report.read_text(encoding="ascii"))["traces"][0]


def compare(options, trace):
    """(times glibc, times the other stage), medians over the rounds."""
    pairs = []
    for turn in range(options.rounds):
        stages = [options.stage, options.other]
        if turn % 2:
            stages.reverse()
        found = {stage: measure(options, stage, trace) for stage in stages}
        own, other = found[options.stage], found[options.other]
        pairs.append((own["speed"], other["seconds"] / own["seconds"]))
    return tuple(statistics.median(column) for column in zip(*pairs))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("traces", nargs="*", type=pathlib.Path, metavar="TRACE",
                        help="default: those in traces/threads")
    parser.add_argument("--build", default="build", type=pathlib.Path, metavar="DIR",
                        help="where mdriver is (default: %(default)s)")
    parser.add_argument("--stage", default="7", help="default: %(default)s")
    parser.add_argument("--other", default="4", help="default: %(default)s")
    parser.add_argument("--threads", default=8, type=int, metavar="N",
                        help="of a trace that has one (default: %(default)s)")
    parser.add_argument("--rounds", default=3, type=int, metavar="N",
                        help="default: %(default)s")
    return parser.parse_args()


def main():
    options = parse_arguments()
    traces = options.traces or sorted((ROOT / "traces" / "threads").glob("*.rep"))
    other = f"x stage {options.other}"
    print(f"stage {options.stage:18}{'x glibc':>10}{other:>12}", flush=True)
    columns = []
    for trace in traces:
        try:
            columns.append(compare(options, trace))
        except RuntimeError as failure:
            print(f"replay: {failure}", file=sys.stderr)
            return 1
        print(f"{trace.stem:24}{columns[-1][0]:10.2f}{columns[-1][1]:12.2f}", flush=True)
    medians = [statistics.median(column) for column in zip(*columns)]
    print(f"{'median':24}{medians[0]:10.2f}{medians[1]:12.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
