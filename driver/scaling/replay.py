#!/usr/bin/python3
"""Replay traces in threads: a stage beside glibc, and beside another stage.

For each trace, with threads of its own or in THREADS copies, mdriver is run on
both stages in turn, ROUNDS times, with all processors (--parallel). The table
has the medians of

    replay  how long all threads take to play the trace
    calls   how much sooner they would be through if the calls did nothing: the
            same threads play the same loop over an allocator that only hands
            out the addresses that the real one gave

each as times of glibc / the stage, and of the other stage / the stage, and the
calls in ns an operation of the trace as well. "at most" is what a stage would
have of the other stage if its calls took no time: in the rest of the replay the
threads look up what to do, touch their blocks, and start and wait for each
other. +- is the spread of the calls' ratio to glibc, in %: from 100 on it says
nothing. The last column is what other programs took of the processors
meanwhile, in %: threads that seldom run at once seldom meet in a lock. The
medians over all traces follow, of those with threads and of the others apart.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "driver" / "launch"))
import command  # noqa: E402

COPIED = """cc1 clang git lua perl python redis sqlite
            binary fifo mixed-sizes random single-size""".split()


@dataclasses.dataclass
class Row:
    """What is shown of a trace; ns an operation, ratios, a share."""

    replay_libc: float  # glibc's time / the stage's
    replay_other: float  # the other stage's time / the stage's
    replay_most: float  # the other stage's time / what is not the stage's calls
    ns: float
    ns_libc: float
    ns_other: float
    calls_libc: float  # as replay_libc, of the calls alone
    calls_other: float
    spread: float  # of calls_libc
    others: float  # of the processors, for other programs


def measure(options, stage, trace):
    """The trace's object in mdriver's JSON; RuntimeError if not valid."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        words = [options.build / "mdriver", "--stage", stage, "-f", trace, "--parallel"]
        words += ["-T", str(options.threads), "--json", report]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{stage} on {trace}: {done.stdout}{done.stderr}")
        return json.loads(report.read_text(encoding="ascii"))["traces"][0]


class Processors:
    """What the processors did since this was made."""

    def __init__(self):
        self.start = time.monotonic()
        self.busy = self._busy()
        self.own = self._own()

    def _busy(self):
        """Seconds that all of them worked, or that a host took from them."""
        words = pathlib.Path("/proc/stat").read_text(encoding="ascii").split()
        ticks = [int(word) for word in words[1:9]]
        return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")

    def _own(self):
        times = os.times()
        return sum(times[:4])

    def others(self):
        """The share that was not this program's, nor of those it started."""
        seconds = (time.monotonic() - self.start) * os.cpu_count()
        taken = self._busy() - self.busy - (self._own() - self.own)
        return max(0.0, taken / seconds)


def row_of(own, other, others):
    """One round: what mdriver said of the stage and of the other one."""
    ops = own["ops"] * 1e-9
    calls = own["calls"]
    return Row(
        own["speed"],
        other["seconds"] / own["seconds"],
        other["seconds"] / (own["seconds"] - calls["seconds"]),
        calls["seconds"] / ops,
        calls["libc_seconds"] / ops,
        other["calls"]["seconds"] / ops,
        calls["speed"],
        other["calls"]["seconds"] / calls["seconds"],
        calls["spread"],
        others,
    )


def median_row(rows):
    """The median of each figure by itself."""
    columns = zip(*(dataclasses.astuple(row) for row in rows))
    return Row(*(statistics.median(column) for column in columns))


def compare(options, trace):
    """The Row of a trace."""
    rows = []
    for turn in range(options.rounds):
        stages = [options.stage, options.other]
        if turn % 2:
            stages.reverse()
        processors = Processors()
        found = {stage: measure(options, stage, trace) for stage in stages}
        others = processors.others()
        rows.append(row_of(found[options.stage], found[options.other], others))
    return median_row(rows)


def show_head(options, what):
    """Two lines above the rows; what says which traces these are."""
    replay, calls, ns = "replay", "calls", "calls, ns an operation"
    other = f"stage {options.other}"
    print(f"\n{what:24}{replay:>26}  {ns:>26}  {calls:>24}")
    print(
        f"{'':24}{'x glibc':>8}{'x ' + other:>10}{'at most':>8}  "
        f"{'stage ' + options.stage:>8}{'glibc':>8}{other:>10}  "
        f"{'x glibc':>8}{'+- %':>6}{'x ' + other:>10}{'others %':>10}",
        flush=True,
    )


def show(name, row):
    print(
        f"{name:24}{row.replay_libc:8.2f}{row.replay_other:10.2f}"
        f"{row.replay_most:8.2f}  "
        f"{row.ns:8.1f}{row.ns_libc:8.1f}{row.ns_other:10.1f}  "
        f"{row.calls_libc:8.2f}{100 * row.spread:6.0f}{row.calls_other:10.2f}"
        f"{100 * row.others:10.0f}",
        flush=True,
    )


def show_table(options, what, traces):
    show_head(options, what)
    rows = []
    for trace in traces:
        rows.append(compare(options, trace))
        show(trace.stem, rows[-1])
    show("median", median_row(rows))


def has_threads(trace):
    """Has the file a line that begins with @?"""
    return any(line.startswith("@") for line in trace.read_text().splitlines())


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("traces", nargs="*", type=pathlib.Path, metavar="TRACE",
                        help="default: those in traces/threads, and some others")
    parser.add_argument("--build", default="build", type=pathlib.Path, metavar="DIR",
                        help="where mdriver is (default: %(default)s)")
    parser.add_argument("--stage", default="7", help="default: %(default)s")
    parser.add_argument("--other", default="4", help="default: %(default)s")
    parser.add_argument("--threads", default=8, type=int, metavar="N",
                        help="of a trace that has one (default: %(default)s)")
    parser.add_argument("--rounds", default=3, type=int, metavar="N",
                        help="default: %(default)s")
    return parser.parse_args()


def main(options):
    traces = options.traces or [
        *sorted((ROOT / "traces" / "threads").glob("*.rep")),
        *(ROOT / "traces" / f"{name}.rep" for name in COPIED),
    ]
    print(f"stage {options.stage}, on {len(os.sched_getaffinity(0))} processors")
    try:
        threaded = [trace for trace in traces if has_threads(trace)]
        copied = [trace for trace in traces if trace not in threaded]
        if threaded:
            show_table(options, "traces with threads", threaded)
        if copied:
            show_table(options, f"{options.threads} threads, a copy each", copied)
    except RuntimeError as failure:
        print(f"replay: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    own = parse_arguments()
    command.run("replay", lambda: main(own))
