#!/usr/bin/python3
"""Count what a pair of free and malloc takes, against the live blocks.

The pairs of `scaling --live` are played under callgrind, which counts the
instructions of the allocator and simulates a cache: of each pair, the lines
that a first-level cache of 32 KiB and a last-level cache of 8 MiB do not have.
Time is not looked at, so the figures are the same on every machine, whatever
else it does. They are printed, and added to the JSON of `scaling --json` as
"work". `make scaling` calls this; docs/scaling.md says more.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "launch"))
import command  # noqa: E402

WAYS = ("any", "hot")
PAIRS = 20000
FEWER = 20  # times fewer are counted where so many take too long
SECONDS = 15  # of a processor; a sample that takes longer has no figure
CACHES = ("--I1=32768,8,64", "--D1=32768,8,64", "--LL=8388608,16,64")
COUNTED = ("live_counted_malloc", "live_counted_free")
# What is shown, and the events of callgrind that it is the sum of.
FIGURES = {
    "instructions": ("Ir",),
    "misses": ("D1mr", "D1mw"),
    "last_misses": ("DLmr", "DLmw"),
}
TITLES = {
    "instructions": "instructions of the allocator a pair",
    "misses": "lines a pair that a cache of 32 KiB misses in it",
    "last_misses": "lines a pair that a cache of 8 MiB misses in it",
}


class Failed(Exception):
    """A sample that is not to be had; says why."""


class TooSlow(Failed):
    """It might be with fewer pairs."""


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def run(options, stage, live, pairs, folder):
    """One process under callgrind, which leaves its dumps in folder."""
    words = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no"]
    words += ["--cache-sim=yes", *CACHES, f"--callgrind-out-file={folder}/dump"]
    words += [f"--toggle-collect={name}" for name in COUNTED]
    words += [options.build / "scaling" / "scaling", "--count", stage]
    words += ["--blocks", str(live), "--pairs", str(pairs)]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, preexec_fn=limit
    )
    if done.returncode < 0:
        raise TooSlow(f"needs over {SECONDS} s")
    if done.returncode:
        raise Failed(done.stderr.strip().splitlines()[-1])


def read_dump(path):
    """What a dump is called, and its totals by event."""
    name, events, totals = "", [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(": ")
        if key == "desc" and value.startswith("Trigger: Client Request: "):
            name = value.rpartition(" ")[2]
        elif key == "events":
            events = value.split()
        elif key == "totals":
            totals = [int(word) for word in value.split()]
    # Zeros at the end are left out.
    totals += [0] * (len(events) - len(totals))
    return name, dict(zip(events, totals))


def sample(options, stage, live, pairs):
    """{way: {figure: a pair}} of a stage with so many live blocks."""
    with tempfile.TemporaryDirectory() as folder:
        run(options, stage, live, pairs, folder)
        paths = sorted(pathlib.Path(folder).glob("dump.*"), key=lambda p: p.suffix)
        dumps = [read_dump(path) for path in paths]
    found = {}
    for (_, nothing), (way, all_of_it) in zip(dumps[::2], dumps[1::2]):
        found[way] = {
            figure: max(0, sum(all_of_it[e] - nothing[e] for e in events)) / pairs
            for figure, events in FIGURES.items()
        }
    if set(found) != set(WAYS):
        raise Failed("callgrind wrote no dumps")
    return found


def name_of(stage):
    return pathlib.Path(stage).stem


def measure(options, stage):
    """All samples of a stage: the series of both ways, and what went wrong."""
    points = {way: [] for way in WAYS}
    pairs = options.pairs
    fault = None
    for live in options.live:
        found = {}
        if fault is None:
            print(f"count: {name_of(stage)}, {live} live blocks", file=sys.stderr)
            try:
                try:
                    found = sample(options, stage, live, pairs)
                except TooSlow:
                    pairs = max(1, options.pairs // FEWER)
                    found = sample(options, stage, live, pairs)
            except Failed as failure:
                fault = f"{failure}: no count from {live} live blocks on"
        for way in WAYS:
            figures = found.get(way, dict.fromkeys(FIGURES))
            points[way].append({"live": live, **figures})
    series = [{"stage": name_of(stage), "way": w, "points": points[w]} for w in WAYS]
    return series, fault


# --- Tables ------------------------------------------------------------------


def number(value, width):
    if value is None:
        return f"{'-':>{width}}"
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:{width}.{digits}f}"


def growth(points, figure):
    """How many times as much at a million live blocks as at a thousand."""
    at = {point["live"]: point[figure] for point in points}
    few, many = at.get(1000), at.get(1000000)
    return many / few if few and many is not None else None


def print_table(series, figure, title):
    print(f"\n  {title}\n{'live blocks':>11}", end="")
    widths = [max(7, len(one["stage"])) for one in series]
    for one, width in zip(series, widths):
        print(f" {one['stage']:>{width}}", end="")
    for row in zip(*(one["points"] for one in series)):
        print(f"\n{row[0]['live']:>11}", end="")
        for point, width in zip(row, widths):
            print(" " + number(point[figure], width), end="")
    if figure == "instructions":  # of misses there may be none with few blocks
        print(f"\n{'10^6 : 10^3':>11}", end="")
        for one, width in zip(series, widths):
            print(" " + number(growth(one["points"], figure), width), end="")
    print()


def print_tables(work):
    heads = {
        "any": "Counted, not timed; any of the live blocks is replaced:",
        "hot": "Counted, not timed; the same 100 blocks are replaced:",
    }
    for way in WAYS:
        print(f"\n{heads[way]}")
        series = [one for one in work if one["way"] == way]
        for figure, title in TITLES.items():
            print_table(series, figure, title)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="+", metavar="STAGE",
                        help="a stage's shared object, or libc")
    parser.add_argument("--build", default="build", type=pathlib.Path, metavar="DIR",
                        help="where scaling is (default: %(default)s)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="what `scaling --json` wrote; gets the counts")
    parser.add_argument("--live", type=int, nargs="+", metavar="N",
                        default=[100, 1000, 10000, 100000, 1000000],
                        help="how many blocks live (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=PAIRS, metavar="N",
                        help="that are counted (default: %(default)s)")
    return parser.parse_args()


def main(options):
    if not shutil.which("valgrind"):
        print("count: needs valgrind: run `make deps` first", file=sys.stderr)
        return 2
    work, is_sound = [], True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda stage: measure(options, stage), options.stages)
        for stage, (series, fault) in zip(options.stages, results):
            work += series
            if fault:
                print(f"count.py: {name_of(stage)}: {fault}", file=sys.stderr)
                is_sound &= "needs over" in fault
    print_tables(work)
    if options.json:
        results = json.loads(options.json.read_text(encoding="utf-8"))
        results["work"] = work
        command.write_whole(options.json, json.dumps(results, indent=1) + "\n")
    return 0 if is_sound else 1


if __name__ == "__main__":
    own = parse_arguments()
    command.run("count", lambda: main(own), own.json)
