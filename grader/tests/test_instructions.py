"""Instructions in place of time."""

import json
import os
import pathlib
import shutil

import pytest

from grader import LAB, filters, instructions, referee, sandbox
from grader.tests.same_counts import busy

BUILD = LAB / os.environ.get("BUILD", "build")
MEMORY = 1 << 30


@pytest.fixture
def counter(tmp_path):
    """A Counter in a box of its own, and a place for libraries."""
    folder = pathlib.Path("/tmp") / f"seven-heaps-{tmp_path.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    folder.chmod(0o711)
    path = folder / "count.bpf"
    filters.write_filter(filters.count_filter(), path)
    with sandbox.Box(folder) as box:
        yield instructions.Counter(box, path, BUILD / "count", referee.libraries(BUILD / "count"), tmp_path / "cache")
    shutil.rmtree(folder)


def stage(counter, name):
    """A stage's library where the box can read it."""
    library = counter.box.folder / f"{name}.so"
    shutil.copyfile(BUILD / "stages" / f"{name}.so", library)
    library.chmod(0o644)
    return library


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "short.rep"
    lines = [f"a {i} {16 + i % 300}" for i in range(400)] + ["r 3 2000", "c 400 3 40", "m 401 64 100"]
    lines += [f"f {i}" for i in range(0, 402, 2)]
    path.write_text("\n".join(["# short", "1", "402", str(len(lines)), "0", *lines]) + "\n")
    return path


def test_the_same_count_idle_and_loaded(counter, trace):
    library = stage(counter, "4-segregated")
    found = [counter.count(library, trace, MEMORY)]
    others = [busy(), busy()]
    try:
        found.append(counter.count(library, trace, MEMORY))
        shutil.rmtree(counter.cache)
        found.append(counter.count(library, trace, MEMORY))
    finally:
        for other in others:
            other.kill()
    assert found[0] == found[1] == found[2]
    assert found[0].problem is None
    assert found[0].loop < found[0].stage < 100 * found[0].loop


def test_a_slow_stage_counts_more(counter, trace):
    slow, fast = (counter.count(stage(counter, name), trace, MEMORY) for name in ("2-implicit", "4-segregated"))
    assert slow.stage > 2 * fast.stage
    assert slow.speed < fast.speed


def test_no_library_is_a_problem_not_a_speed(counter, trace):
    library = counter.box.folder / "none.so"
    library.write_bytes(b"")
    library.chmod(0o644)
    assert "status 2" in counter.count(library, trace, MEMORY).problem


def test_no_other_function_has_the_name(counter, trace):
    """Two of a name would switch the counting off and on again."""
    library = stage(counter, "4-segregated")
    library.write_bytes(library.read_bytes() + b"\0my_count_play\0")
    assert "a name of the judge's" in counter.count(library, trace, MEMORY).problem


# --- What a process that is not believed reports ----------------------------------

OPS = [("a", 0, 100, 1), ("a", 1, 100, 1), ("f", 0, 0, 1), ("m", 2, 10, 64)]
HEAP = 1 << 31


def report(log, **changes):
    fields = {"ops": 4, "whole": 1, "wrong": 4, "align": 16, "heap": HEAP, "peak": 4096, "log": tuple(log)}
    return instructions.Pass(**{**fields, **changes})


GOOD = (HEAP + 16, HEAP + 128, 0, HEAP + 64)


def test_a_good_pass():
    assert instructions.verify(OPS, report(GOOD)) == (4096, None)


@pytest.mark.parametrize(
    ("log", "changes", "problem"),
    [
        (GOOD[:3], {}, "no report"),
        (GOOD, {"ops": 3}, "no report"),
        (GOOD, {"whole": 0}, "no memory"),
        (GOOD, {"wrong": 2}, "op 3 found its block changed"),
        ((HEAP + 24, *GOOD[1:]), {}, "op 1 got a misaligned block"),
        ((HEAP + 24, *GOOD[1:]), {"align": 1}, "op 1 got a misaligned block"),
        ((*GOOD[:3], HEAP + 32), {}, "op 4 got a misaligned block"),
        ((GOOD[0], HEAP + 112 - 16, *GOOD[2:]), {}, "op 2 got a block that overlaps"),
        ((GOOD[0], GOOD[0], *GOOD[2:]), {}, "op 2 got a block that overlaps"),
    ],
)
def test_a_bad_pass(log, changes, problem):
    assert problem in instructions.verify(OPS, report(log, **changes))[1]


def test_a_heap_cannot_be_larger_than_it_says():
    far = (GOOD[0], HEAP + 16 * 1000 * 1000, *GOOD[2:])
    assert instructions.verify(OPS, report(far)) == (16 * 1000 * 1000 + 100, None)


def test_a_larger_footprint_costs_utilization():
    said = {"path": "x.rep", "peak_footprint": 1000, "peak_payload": 500, "utilization": 0.5}
    counts = instructions.Counts(300, 200, 100, 4, footprint=2000)
    found = instructions.figures(said, counts)
    assert (found["utilization"], found["speed"]) == (0.25, 0.5)
    assert json.dumps(found["instructions"])


def test_a_problem_is_a_wrong_answer():
    counts = instructions.Counts(0, 200, 100, 4, problem="it left no report")
    found = instructions.figures({"path": "x.rep"}, counts)
    assert found == {"verdict": "wrong", "error": "x.rep: it left no report"}


@pytest.mark.parametrize("text", ["", "ops x\n", "ops 1\n" * 6, "ops 4\nwhole 1\nwrong 4\nalign 16\nheap 1\n\xff"])
def test_any_report_can_be_read(tmp_path, text):
    path = tmp_path / "report"
    path.write_text(text, encoding="latin-1")
    assert instructions.read_report(path, 4) is None


def test_only_the_dumps_of_the_function_count(tmp_path):
    for name, total in (("calls", 7), ("calls.1", 40), ("calls.2", 50), ("calls.10", 60)):
        (tmp_path / name).write_text(f"events: Ir\nsummary: 3\ntotals: {total}\n")
    assert instructions.totals(tmp_path) == [40, 50, 60]
