"""Ratios, means and targets, computed from what was measured.

Measurements are a dictionary, and build/bench.json holds just that:

    programs: {name: {about, is_figure,
                      runs: {allocator: {wall_s: [...], cpu_s: [...], peak_kib: [...]}},
                      figures: {allocator: {name: [...]}},
                      failures: {allocator: text}}}

A list has an element a round. A run of one allocator stands beside the run of
another in the same round, so ratios are taken round by round.
"""

import dataclasses
import math
import statistics

import allocators

MEASURES = {"wall_s": "time", "cpu_s": "CPU time", "peak_kib": "peak memory"}


def ratios(program, measure, name):
    """A program's figures under an allocator to those under glibc, a round
    each; nothing if it failed under either."""
    runs = program["runs"]
    if name not in runs or allocators.BASE not in runs:
        return []
    pairs = zip(runs[name][measure], runs[allocators.BASE][measure])
    return [value / base for value, base in pairs]


def spread(values):
    """The distance of the quartiles, in percent of the median; None of less
    than two values."""
    if len(values) < 2:
        return None
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return 100 * (high - low) / middle


@dataclasses.dataclass
class Comparison:
    """All programs that measure something under all of the allocators."""

    programs: dict
    names: list  # of the allocators

    def __post_init__(self):
        self.timed = {n: p for n, p in self.programs.items() if not p["is_figure"]}
        self.shared = [n for n, p in self.timed.items() if set(self.names) <= set(p["runs"])]
        self.stages = [n for n in self.names if n.startswith("stage")]
        self.peers = [n for n in self.names if n == allocators.BASE or n in allocators.PEERS]

    def ratio(self, program, measure, name):
        """The median of the ratios to glibc."""
        return statistics.median(ratios(self.programs[program], measure, name))

    def mean(self, measure, name):
        """The geometric mean of the ratios, over what runs everywhere; NaN
        if nothing does."""
        if not self.shared:
            return math.nan
        return statistics.geometric_mean(self.ratio(p, measure, name) for p in self.shared)

    def best_peer(self, value):
        """The peer for which value(name) is least."""
        return min(self.peers, key=value)

    def failures(self):
        """(program, allocator, what) of all that failed."""
        return [
            (name, allocator, what)
            for name, program in self.programs.items()
            for allocator, what in program["failures"].items()
        ]


# --- Targets ---------------------------------------------------------------


@dataclasses.dataclass
class Target:
    """One thing a stage wants to reach."""

    stage: str
    what: str
    found: float
    limit: float
    at_least: bool = False
    about: str = ""

    @property
    def holds(self):
        """NaN holds nothing."""
        return self.found >= self.limit if self.at_least else self.found <= self.limit


def mean_target(comparison, stage, measure, limit):
    """The stage's geometric mean against the best of the peers'."""
    peer = comparison.best_peer(lambda name: comparison.mean(measure, name))
    found = comparison.mean(measure, stage) / comparison.mean(measure, peer)
    what = f"{MEASURES[measure]}: mean / that of the best peer"
    return Target(stage, what, found, limit, about=peer)


def worst_target(comparison, stage, measure, limit):
    """The program on which the stage is furthest behind its best peer."""

    def behind(program):
        best = min(comparison.ratio(program, measure, peer) for peer in comparison.peers)
        return comparison.ratio(program, measure, stage) / best

    worst = max(comparison.shared, key=behind, default=None)
    found = behind(worst) if worst else math.nan
    what = f"{MEASURES[measure]}: worst program / the best peer on it"
    return Target(stage, what, found, limit, about=worst or "")


def back_targets(comparison, stage):
    """What comes back of the memory after a fall in load, in percent."""
    for name, program in comparison.programs.items():
        back = program["figures"].get(stage, {}).get("back_later")
        if back:
            what = f"{name}: % of the freed memory back a second later"
            yield Target(stage, what, statistics.median(back), 80, at_least=True)


def pipeline_targets(comparison, stage):
    """What producers and consumers gain over glibc."""
    for name in comparison.shared:
        if name.startswith("pipeline"):
            rate = 1 / comparison.ratio(name, "wall_s", stage)
            yield Target(stage, f"{name}: throughput / glibc's", rate, 3, at_least=True)


def crowd_target(comparison, stage, kind):
    """Whether 8 threads on few processors still do what 2 do."""
    two, eight = (
        statistics.median(comparison.programs[f"{kind}-{threads}"]["runs"][stage]["wall_s"])
        for threads in (2, 8)
    )
    what = f"{kind}: rate of 8 threads / of 2"
    return Target(stage, what, two / eight, 0.8, at_least=True)


def targets(comparison, stage):
    """All targets of a stage that what was run can speak for."""
    found = [
        mean_target(comparison, stage, "wall_s", 0.9),
        mean_target(comparison, stage, "cpu_s", 0.9),
        worst_target(comparison, stage, "wall_s", 1.15),
        worst_target(comparison, stage, "cpu_s", 1.15),
        mean_target(comparison, stage, "peak_kib", 1.0),
        worst_target(comparison, stage, "peak_kib", 1.3),
        *back_targets(comparison, stage),
        *pipeline_targets(comparison, stage),
    ]
    for kind in ("own", "server"):
        if {f"{kind}-2", f"{kind}-8"} <= set(comparison.shared):
            found.append(crowd_target(comparison, stage, kind))
    failed = [program for program, name, _ in comparison.failures() if name == stage]
    found.append(Target(stage, "programs that failed", len(failed), 0, about=" ".join(failed)))
    return found
