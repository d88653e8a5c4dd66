"""The judge from end to end, on submissions as people send them."""

import contextlib
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import pytest

from grader import LAB, case, cgroups, judge, result
from grader.errors import GraderError, UsageError
from grader.tests import battery, conftest
from grader.tests.processes import children, fields, is_alive, wait_for
from grader.tests.test_attacks import write_trace
from grader.tests.test_cli import run

STAGE_3 = LAB / "stages" / "3-explicit" / "mm.c"


@pytest.fixture
def lab(tmp_path):
    """Judge with small traces: grade(PATH...) -> (what was printed, results)."""
    traces = tmp_path / "traces"
    traces.mkdir()
    write_trace(traces / "small.rep", 40, 2, "small")
    write_trace(traces / "other.rep", 60, 2, "other")

    def grade(*words, status=0, **environment):
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        made = run(
            "judge", "--traces", str(traces), "--json-dir", str(out), "--build", str(conftest.BUILD),
            "--stage", "3", *map(str, words), **environment,
        )  # fmt: skip
        assert made.returncode == status, made.stdout + made.stderr
        return made.stdout, {path.parent.name: result.read(path) for path in out.glob("*/result.json")}

    grade.out = tmp_path / "out"
    grade.traces = traces
    return grade


def write(folder, text, name="mm.c"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder


def test_an_honest_submission(lab):
    said, results = lab(STAGE_3)
    (made,) = results.values()
    assert made["verdict"] == "ok" and made["reason"] is None and not made["findings"]
    assert "3-explicit: ok; score" in said
    assert made["sandbox"]["kind"] == "bubblewrap" and made["sandbox"]["seccomp"]
    assert made["machine"]["processor"] and made["machine"]["pinned_to"] is not None
    assert made["build"]["compiler"].startswith("gcc")
    assert [trace["name"] for trace in made["traces"]] == ["other", "small"]


def test_the_drivers_verdict_and_utilization(lab, tmp_path):
    _, results = lab(STAGE_3)
    report = tmp_path / "driver.json"
    subprocess.run(
        [conftest.BUILD / "mdriver", "--stage", conftest.BUILD / "stages" / "3-explicit.so", "-t", lab.traces,
         "-v0", "--json", report],
        check=True, timeout=60,
    )  # fmt: skip
    (made,) = results.values()
    theirs = json.loads(report.read_text())["traces"]
    for key in ("name", "verdict", "utilization", "peak_footprint", "peak_payload", "ops"):
        assert [trace[key] for trace in made["traces"]] == [trace[key] for trace in theirs], key


def test_hidden_traces_are_apart(lab, tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    write_trace(hidden / "new.rep", 30, 2, "hidden")
    said, results = lab(STAGE_3, "--hidden", hidden)
    (made,) = results.values()
    assert [t["name"] for t in made["traces"] if t["set"] == "hidden"] == ["new"]
    assert made["hidden"]["score"] > 0 and "hidden traces" in said


def test_several_make_a_table_and_a_picture(lab, tmp_path):
    paths = [
        write(tmp_path / "alice", STAGE_3.read_text()),
        write(tmp_path / "=bob", STAGE_3.read_text().replace("mm_info = {", "mm_info = {,")),
        write(tmp_path / "carol", "int x;\n", "x.c"),
        battery.HONEST.write(tmp_path / "dave"),
    ]
    said, results = lab(*paths, status=1)
    verdicts = {name: made["verdict"] for name, made in results.items()}
    assert verdicts == {"alice": "ok", "_bob": "compile error", "carol": "rule broken", "dave": "ok"}
    assert results["_bob"]["score"] == results["carol"]["score"] == 0
    assert "the folder holds no mm.c" in said
    with open(lab.out / "scores.csv", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert {name: row["verdict"] for name, row in rows.items()} == verdicts
    assert (lab.out / "scores.png").read_bytes().startswith(b"\x89PNG")


def test_a_compile_error_shows_what_the_compiler_said(lab, tmp_path):
    said, results = lab(write(tmp_path / "eve", "int mm_init(void) { return x; }\n"), status=1)
    assert results["eve"]["reason"].startswith("mm.c:1:28: error: 'x' undeclared")
    assert "mm.c:1:28: error:" in said


def test_a_missing_function_is_a_compile_error(lab, tmp_path):
    _, results = lab(write(tmp_path / "eve", "int mm_init(void) { return 0; }\n"), status=1)
    assert results["eve"]["verdict"] == "compile error"
    assert "mm_malloc" in results["eve"]["reason"]


WRONG = {
    "wrong answer": ("void *mm_malloc(size_t size)\n{", "void *mm_malloc(size_t size)\n{\n    if (size > 100) return (void *)24;"),
    "out of memory": ("size = (size + 15)", "size += (size_t)16 << 20;\n    size = (size + 15)"),
    "crash": ("void mm_free(void *ptr)\n{", "void mm_free(void *ptr)\n{\n    *(volatile int *)8 = 1;"),
    "time-out": ("void mm_free(void *ptr)\n{", "void mm_free(void *ptr)\n{\n    for (volatile int on = 1; on;)\n        ;"),
}


@pytest.mark.parametrize("verdict", WRONG)
def test_verdicts(lab, tmp_path, verdict):
    """Each by a line more in an honest submission."""
    place, wrong = WRONG[verdict]
    text = (battery.FOLDER / "base.h").read_text()
    assert place in text
    course = tmp_path / "course.toml"
    course.write_text("[run]\nseconds = 1\n")
    said, results = lab(write(tmp_path / "eve", text.replace(place, wrong)), "--course", course, status=1)
    assert results["eve"]["verdict"] == verdict, results["eve"]["reason"]
    assert results["eve"]["score"] == 0
    assert "of 2 traces are not valid" in results["eve"]["reason"]
    assert results["eve"]["traces"][0]["error"].splitlines()[0] in " ".join(said.split())


def test_a_crash_of_ours_is_never_a_zero(lab, tmp_path):
    """A referee that cannot work gives no score, and the others are judged."""
    broken = tmp_path / "build"
    broken.mkdir()
    for name in ("player", "libmm.a"):
        shutil.copy(conftest.BUILD / name, broken)
    (broken / "referee").write_text("#!/bin/sh\necho no room >&2\nexit 3\n")
    (broken / "referee").chmod(0o755)
    said, results = lab(STAGE_3, "--build", broken, status=3)
    (made,) = results.values()
    assert made["verdict"] == "could not grade" and made["score"] is None
    assert "no room" in made["reason"] and "score -" in said


def test_the_others_are_judged_all_the_same(lab, tmp_path):
    good = write(tmp_path / "alice", STAGE_3.read_text())
    said, results = lab(tmp_path / "none", good, status=3)
    assert results["none"]["verdict"] == "could not grade" and results["none"]["score"] is None
    assert results["alice"]["verdict"] == "ok"


def test_without_a_sandbox_it_refuses(lab, tmp_path):
    """A machine that has all but bubblewrap."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for folder in ("/usr/bin", "/bin"):
        for name in os.listdir(folder):
            if name != "bwrap" and not os.path.lexists(tools / name):
                (tools / name).symlink_to(os.path.join(folder, name))
    made = run("judge", str(STAGE_3), "--stage", "3", "--build", str(conftest.BUILD), PATH=str(tools))
    assert made.returncode == 3 and "bwrap is missing" in made.stderr and "--no-sandbox" in made.stderr
    said, results = lab(STAGE_3, "--no-sandbox", PATH=str(tools))
    (outcome,) = results.values()
    assert outcome["verdict"] == "ok" and outcome["sandbox"]["kind"] == "none"
    assert "without a sandbox" in said and any("without a sandbox" in note for note in outcome["notes"])


@pytest.mark.parametrize(
    "words, message",
    [
        (["--stage", "9", "x"], "no such stage; there are 1-bump"),
        (["--stage", "3"], "nothing to judge"),
        (["--stage", "3", "x", "--traces", "/nowhere"], "holds no trace"),
        (["--stage", "3", "--all", "/nowhere"], "No such file"),
        (["--stage", "3", "x", "--cpu", "4096"], "--cpu 4096: not one of"),
    ],
)
def test_wrong_usage(words, message):
    made = run("judge", *words, "--build", str(conftest.BUILD))
    assert made.returncode == 2 and message in made.stderr


def test_what_is_not_built_is_told(tmp_path):
    made = run("judge", str(STAGE_3), "--stage", "3", "--build", str(tmp_path))
    assert made.returncode == 3 and "referee is missing: run `make`" in made.stderr


@pytest.mark.parametrize(
    "said, rule",
    [
        ({"verdict": "crash", "error": "x: ended by SIGSYS"}, "forbidden-call"),
        ({"verdict": "flood", "error": "x: printed more"}, "output"),
        ({"verdict": "crash", "error": "x: ended by SIGSEGV"}, None),
        ({"verdict": "valid", "error": None}, None),
    ],
)
def test_what_ended_a_player_is_a_finding(said, rule):
    """Once, on however many traces."""
    ended = case.Case(None, "x", "x", 0)
    ended.traces = {("public", pathlib.Path(name)): said for name in ("a.rep", "b.rep")}
    ended.look_at_ends()
    assert [finding.rule for finding in ended.findings] == [rule] * bool(rule)


# --- Names ------------------------------------------------------------------------


def test_every_submission_has_a_name_of_its_own():
    paths = ["a/mm.c", "b/mm.c", "c/b", "b", "c/.x", "c/-x", "c/=1.c", "c/b.c"]
    assert list(judge.name_all(paths)) == ["a", "b", "b.2", "b.3", "x", "x.2", "_1", "b.4"]


@pytest.mark.parametrize("word", ["3", "explicit", "3-explicit"])
def test_stages_by_any_name(word):
    assert judge.find_stage(word) == case.Stage(3, "explicit")


def test_no_such_stage():
    with pytest.raises(UsageError):
        judge.find_stage("../3")


# --- Nothing is lost --------------------------------------------------------------


def test_a_place_that_cannot_be_written_is_told_at_once():
    made = run("judge", str(STAGE_3), "--stage", "3", "--build", str(conftest.BUILD), "--json-dir", "/proc/nowhere")
    assert made.returncode == 3
    assert made.stderr == "grader: /proc/nowhere: cannot be written: No such file or directory; make room, or name another place with --json-dir\n"


class Named:
    """A case of which nothing but the name is known; "killer" ends the judge."""

    def __init__(self, bench, path, name, slot):
        self.name = name

    def check(self):
        pass

    def measure(self):
        if self.name == "killer":
            sys.exit(9)

    def outcome(self):
        return {"submission": {"name": self.name}}

    def close(self):
        pass


def test_who_ends_midway_keeps_what_was_measured(monkeypatch):
    monkeypatch.setattr(judge, "Case", Named)
    kept = []
    with pytest.raises(SystemExit):
        judge.judge(None, ["alice", "killer", "zoe"], 1, lambda text: None, kept.append)
    assert [made["submission"]["name"] for made in kept] == ["alice"]


def test_one_that_cannot_be_written_stops_no_other(monkeypatch, tmp_path):
    monkeypatch.setattr(result, "check", lambda outcome: None)
    keeper = judge.Keeper(tmp_path)
    (tmp_path / "alice").write_text("a file, where the folder is to be")
    for name in ("alice", "zoe"):
        keeper.keep(Named(None, None, name, 0).outcome())
    assert (tmp_path / "zoe" / "result.json").exists()
    with pytest.raises(GraderError, match="alice/result.json: cannot be written: File exists"):
        keeper.finish()


GUARDS = 3  # filters of a player at work: the box's, its own, and no threads


def test_a_killed_judge_leaves_nothing(tmp_path, scratch):
    """A submission without end is at work in the box when it happens. What
    holds the player is looked at, too."""
    place, wrong = WRONG["time-out"]
    text = (battery.FOLDER / "base.h").read_text().replace(place, wrong)
    write_trace(tmp_path / "one.rep", 10, 1, "one")
    course = tmp_path / "course.toml"
    course.write_text("[run]\nseconds = 600\nmemory = 1_000_000_000\nprocesses = 70\n")
    grader = subprocess.Popen(
        ["/usr/bin/python3", "-m", "grader", "judge", write(tmp_path / "eve", text), "--stage", "3", "--traces", tmp_path, "--course", course,
         "--build", conftest.BUILD, "--json-dir", tmp_path / "out"],
        cwd=LAB, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env={**os.environ, "TMPDIR": str(scratch)},
    )  # fmt: skip
    try:
        held = wait_for(lambda: next(filter(None, map(shut_in, children(grader.pid))), None))
    finally:
        left = children(grader.pid)
        grader.kill()
        grader.wait()
    try:
        wait_for(lambda: not any(map(is_alive, left)))
    finally:
        for pid in filter(is_alive, left):
            os.kill(pid, signal.SIGKILL)
    assert held[:3] == ("1", "2", "0" * 16)
    for name, most in {"cpu time": 1201, "data size": 10**9, "file size": 10**9, "processes": 70, "open files": 32, "core file size": 0}.items():
        assert re.search(rf"^Max {name} +{most} ", held[3], re.MULTILINE), held[3]
    (run_left,) = scratch.iterdir()
    made = run("judge", "x", "--stage", "none", TMPDIR=str(scratch))
    assert made.returncode == 2
    assert not list(scratch.iterdir())
    assert not [group for _, folders in cgroups.parents() for folder in folders.values() for group in folder.glob(f"{run_left.name}*")]


def shut_in(pid):
    """(no new privileges, mode of seccomp, capabilities, limits) of a player that
    has shut itself in; None for another process."""
    with contextlib.suppress(OSError):
        folder = pathlib.Path(f"/proc/{pid}")
        status = fields((folder / "status").read_text())
        if status["Name"] == "player" and int(status["Seccomp_filters"]) == GUARDS:
            return status["NoNewPrivs"], status["Seccomp"], status["CapBnd"], (folder / "limits").read_text()
    return None
