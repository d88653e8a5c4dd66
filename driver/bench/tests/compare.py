#!/usr/bin/python3
"""What compare.py makes of measurements whose results are known."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import bench  # noqa: E402  (after the path)
import compare  # noqa: E402
import tables  # noqa: E402


def run(wall, peak):
    """One allocator's rounds."""
    return {"wall_s": wall, "cpu_s": wall, "peak_kib": peak}


def program(**runs):
    """A program's measurements."""
    return {"about": "", "is_figure": False, "runs": runs, "figures": {}, "failures": {}}


def example():
    """Two programs, one peer beside glibc, a stage."""
    first = program(
        # The machine was three times as slow in the second round.
        glibc=run([1.0, 3.0, 1.0], [100, 100, 100]),
        jemalloc=run([0.5, 1.5, 0.5], [200, 200, 200]),
        stage7=run([0.4, 1.2, 0.4], [100, 100, 100]),
    )
    second = program(
        glibc=run([1.0, 1.0, 1.0], [100, 100, 100]),
        jemalloc=run([2.0, 2.0, 2.0], [50, 50, 50]),
        stage7=run([1.0, 1.0, 1.0], [80, 80, 80]),
    )
    return compare.Comparison({"first": first, "second": second}, ["glibc", "jemalloc", "stage7"])


def target(comparison, phrase):
    """The one target of stage 7 whose text has the phrase."""
    (found,) = [t for t in compare.targets(comparison, "stage7") if phrase in t.what]
    return found


def close(found, expected):
    assert math.isclose(found, expected), f"found {found}, expected {expected}"


def check_ratios():
    comparison = example()
    for found in compare.ratios(comparison.programs["first"], "wall_s", "stage7"):
        close(found, 0.4)
    close(comparison.ratio("first", "wall_s", "stage7"), 0.4)
    close(comparison.mean("wall_s", "jemalloc"), 1.0)
    close(comparison.mean("wall_s", "stage7"), math.sqrt(0.4))
    assert compare.spread([1.0]) is None
    close(compare.spread([1.0, 1.0, 2.0, 3.0, 3.0]), 100.0)


def check_targets():
    comparison = example()
    mean = target(comparison, "CPU time: mean")
    close(mean.found, math.sqrt(0.4))
    assert mean.holds
    worst = target(comparison, "CPU time: worst")
    assert worst.about == "second" and worst.holds
    memory = target(comparison, "memory: worst")
    close(memory.found, 1.6)
    assert memory.about == "second" and not memory.holds


def check_failures():
    comparison = example()
    failed = comparison.programs["second"]
    failed["failures"]["stage7"] = "not done"
    del failed["runs"]["stage7"]
    comparison = compare.Comparison(comparison.programs, comparison.names)
    close(comparison.mean("wall_s", "stage7"), 0.4)
    failures = target(comparison, "failed")
    assert failures.about == "second" and not failures.holds
    assert "second under stage7: not done" in tables.report(comparison)


def check_nothing_shared():
    comparison = compare.Comparison({}, ["glibc", "stage7"])
    assert not target(comparison, "CPU time: mean").holds


def check_limit():
    try:
        bench.run_to_end(["sh", "-c", "sleep 100"], 0.2)
    except ValueError as late:
        assert "not done" in str(late)
    else:
        raise AssertionError("it was not stopped")


for check in (check_ratios, check_targets, check_failures, check_nothing_shared, check_limit):
    check()
