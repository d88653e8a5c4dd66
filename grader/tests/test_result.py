"""Results: their format, their way to disk, and the figures in them."""

import csv
import io
import json
import math
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import case, report, result, score
from grader.errors import GraderError

TRACE = {
    "set": "public",
    "name": "a",
    "verdict": "valid",
    "error": None,
    "weight": 1,
    "utilization": 0.5,
    "speed": 0.5,
    "score": 25.0,
    "spread": 0.1,
}


def make(**changes):
    """A result in the format."""
    made = {
        "format": result.FORMAT,
        "submission": {"name": "alice", "path": "x/alice", "sha256": "0" * 64, "files": ["mm.c"], "ignored": []},
        "stage": {"number": 3, "name": "explicit"},
        "verdict": "ok",
        "reason": None,
        "score": 25.0,
        "utilization": 0.5,
        "speed": 0.5,
        "metric": "time",
        "hidden": None,
        "traces": [dict(TRACE)],
        "findings": [],
        "build": {"compiler": "gcc 12", "era": "seven", "vetted": True, "log": ""},
        "machine": {"processor": "P", "pinned_to": 1, "load_before": 0.0, "load_after": 0.1, "steal": 0.0},
        "sandbox": {"kind": "bubblewrap", "seccomp": True, "cgroup": None, "other_user": True},
        "lab": {"version": "v1", "traces": "0" * 64},
        "graded": result.now(),
        "notes": [],
    }
    return made | changes


TEXT = st.text(max_size=40)
POINTS = st.none() | st.floats(0, 100)


@given(name=TEXT, reason=st.none() | TEXT, points=POINTS, error=st.none() | TEXT)
def test_what_is_written_is_read_back(tmp_path_factory, name, reason, points, error):
    made = make(reason=reason, score=points, traces=[TRACE | {"error": error}])
    made["submission"]["name"] = name
    path = tmp_path_factory.mktemp("results") / "result.json"
    result.write(made, path)
    assert result.read(path) == made
    assert os.listdir(path.parent) == ["result.json"]


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "fine"},
        {"score": 101},
        {"score": -1},
        {"speed": "fast"},
        {"extra": 1},
        {"traces": [TRACE | {"utilization": 1.5}]},
        {"sandbox": {"kind": "none"}},
    ],
)
def test_what_is_not_in_the_format_is_not_written(tmp_path, changes):
    with pytest.raises(GraderError):
        result.write(make(**changes), tmp_path / "result.json")
    assert not os.listdir(tmp_path)


def test_no_infinity_gets_into_a_file(tmp_path):
    with pytest.raises((GraderError, ValueError)):
        result.write(make(speed=math.inf), tmp_path / "result.json")
    assert not os.listdir(tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "result.json"
    result.write(make(), path)
    before = path.read_text()
    with pytest.raises(GraderError):
        result.write(make(verdict="?"), path)
    assert path.read_text() == before


# --- Figures -----------------------------------------------------------------------


def test_scores_are_the_drivers():
    """As docs/driver.md defines them, by hand."""
    traces = [
        TRACE | {"utilization": 0.8, "speed": 2.0},
        TRACE | {"utilization": 0.6, "speed": 0.5},
        TRACE | {"weight": 2, "utilization": 0.4, "speed": 0.1},
        TRACE | {"weight": 3, "utilization": 0.4, "speed": 0.1},
        TRACE | {"weight": 0, "utilization": 0.1, "speed": 0.1},
        TRACE | {"verdict": "wrong", "utilization": 0.9, "speed": 9.0},
    ]
    assert [score.trace_score(t) for t in traces] == pytest.approx([80, 30, 40, 10, None, 0])
    summary = score.summary(traces)
    assert summary["score"] == pytest.approx((80 + 30 + 40 + 10 + 0) / 5)
    assert summary["utilization"] == pytest.approx(0.6)
    assert summary["speed"] == pytest.approx((2.0 * 0.5 * 0.1) ** (1 / 3))


def test_what_was_not_measured_is_never_a_zero():
    with pytest.raises(ValueError):
        score.trace_score(TRACE | {"speed": None})
    assert score.trace_score(TRACE | {"speed": None, "weight": 2}) == 50


def test_every_verdict_of_a_trace_means_one_of_a_submission():
    schema = result.validator().schema
    words = schema["definitions"]["trace"]["properties"]["verdict"]["enum"]
    assert set(words) - {"valid"} == set(result.OF_TRACE)
    assert set(result.OF_TRACE.values()) <= set(schema["properties"]["verdict"]["enum"])
    assert set(case.SETS) == set(schema["definitions"]["trace"]["properties"]["set"]["enum"])


# --- Tables --------------------------------------------------------------------------


@given(st.text(max_size=30))
def test_no_cell_is_a_formula(text):
    made = make(reason=text)
    made["submission"]["name"] = text
    row = [report.csv_cell(value) for value in report.csv_row(made)]
    line = io.StringIO()
    csv.writer(line).writerow(row)
    (cells,) = csv.reader(io.StringIO(line.getvalue()))
    assert cells == row
    for shown in cells:
        assert shown[:1] not in ("=", "+", "-", "@", "\t", "\r", "|", "%") or shown[1:].isdigit()
        assert shown.isprintable()


def test_numbers_stay_numbers_in_csv():
    assert report.csv_cell(0.25) == "0.25" and report.csv_cell(None) == ""


HOSTILE = "\x1b[2J\x1b]0;mine\x07[bold red]x[/bold red]:smile:\u202e\udc80"


def test_a_terminal_obeys_no_name():
    made = make(reason=HOSTILE, verdict="wrong answer", traces=[TRACE | {"name": HOSTILE, "error": HOSTILE}])
    made["submission"]["name"] = HOSTILE
    for show in (report.print_one, lambda m, file: report.print_all([m, m], file)):
        out = io.StringIO()
        show(made, file=out)
        assert "\x1b" not in out.getvalue() and "\x07" not in out.getvalue()
        assert "\u202e" not in out.getvalue()
        assert "[bold red]x[/bold red]:smile:" in out.getvalue().replace("\n", "")


def test_a_table_that_mixes_processors_says_so():
    other = make()
    other["machine"] = other["machine"] | {"processor": "Q"}
    out = io.StringIO()
    report.print_all([make(), other], file=out)
    assert "different processors (P, Q)" in " ".join(out.getvalue().split())
    assert not list(report.table_warnings([make(), make()]))


def test_a_run_without_a_sandbox_says_so():
    made = make(sandbox={"kind": "none", "seccomp": False, "cgroup": None, "other_user": False})
    assert any("without a sandbox" in line for line in report.table_warnings([made]))


def test_the_picture_takes_any_name(tmp_path):
    from grader import picture

    hostile = make()
    hostile["submission"]["name"] = r"x$\frac{$ _^{}\ " + "\u202e<b>"
    marks = tmp_path / "marks.json"
    marks.write_text(json.dumps({"stages": [{"stage": "libc", "speed": 1.0, "utilization": 0.7}]}))
    picture.draw([hostile, make(speed=None)], marks, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
