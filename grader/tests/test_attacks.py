"""All attacks, judged for real: none gains anything, and none leaves anything.

Each is judged twice, as it is and with the vet switched off, so that what
stands behind the vet is tried, too. An honest submission is judged among them.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import tempfile

import pytest

from grader import LAB, course, judge, machine, referee, sandbox, toolchain
from grader.tests import battery, conftest
from grader.tests.processes import processes

SPACING = 17  # attacks from one honest submission to the next
# A word that must not get out, and a name that must not come into being.
SECRET = "seven-heaps-secret-3f9c1e"
NONCE = "seven-heaps-nonce-a81d07"

PLACES = ["/", "/tmp", "/var/tmp", "/dev/shm", "/root", str(LAB)]
WATCHED = [folder for folder in PLACES if os.access(folder, os.R_OK | os.X_OK)]


def write_trace(path, ops, weight, comment):
    """A trace of ops blocks of growing sizes, of which every other is freed
    early, and one is resized."""
    lines = [f"a {i} {16 + 24 * (i % 7)}" for i in range(ops)]
    lines += [f"f {i}" for i in range(0, ops, 2)]
    lines += [f"a {ops + i} {16 + 24 * (i % 7)}" for i in range(0, ops // 2)]
    lines += ["r 1 700", *(f"f {i}" for i in range(1, ops, 2)), *(f"f {ops + i}" for i in range(ops // 2))]
    ids = ops + ops // 2
    path.write_text(f"# {comment}\n{weight}\n{ids}\n{len(lines)}\n1\n" + "\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def ground():
    """Folders with traces, secrets and submissions."""
    with tempfile.TemporaryDirectory(prefix="seven-heaps-attacks-") as name:
        ground = pathlib.Path(name)
        ground.chmod(0o755)
        for folder in ("public", "hidden", "in"):
            (ground / folder).mkdir()
        write_trace(ground / "public" / "open.rep", 100, 1, "known to all")
        write_trace(ground / "hidden" / "secret.rep", 80, 1, SECRET)
        yield ground


def make_bench(ground, is_vetted, is_open=False):
    rules = course.load()
    rules["run"]["seconds"] = 5
    rules["compile"]["seconds"] = 4
    sets = {kind: judge.find_traces(ground / kind) for kind in ("public", "hidden")}
    return judge.Bench(
        stage=judge.find_stage("1"),
        course=rules,
        tools=referee.Tools.find(conftest.BUILD),
        toolchain=toolchain.find_toolchain("gcc"),
        traces=sets,
        metric="time",
        cpu=machine.quietest_cpu(),
        is_open=is_open,
        is_vetted=is_vetted,
        lab={"version": "test", "traces": judge.hash_traces(sets)},
    )


@dataclasses.dataclass
class Run:
    """What became of a whole battery: results by name, those of the honest
    ones in order, and files that are new in the folders watched."""

    results: dict
    honest: list
    new_files: set


def users():
    """Those of the boxes of this process; others may be judging, too."""
    return {sandbox.FIRST_USER + (os.getpid() + slot) % sandbox.USERS for slot in range(2 * len(battery.ATTACKS))}


def listing():
    """What lies in the folders watched, and whose it is: {(path, user)}."""
    found = set()
    for folder in WATCHED:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    found.add((entry.path, entry.stat(follow_symlinks=False).st_uid))
                except FileNotFoundError:  # gone again
                    continue
    return found


def run_battery(ground, is_vetted):
    room = ground / "in" / ("vetted" if is_vetted else "unvetted")
    room.mkdir()
    paths = []
    for number, attack in enumerate(battery.ATTACKS):
        if number % SPACING == 0:
            paths.append(battery.HONEST.write(room / f"honest-{number}"))
        secret = ground / "hidden" / "secret.rep"
        paths.append(attack.write(room / attack.name, secret, NONCE))
    paths.append(battery.HONEST.write(room / "honest-last"))
    before = listing()
    results = judge.judge(make_bench(ground, is_vetted), paths, 2, lambda text: None)
    named = {made["submission"]["name"]: made for made in results}
    honest = [made for name, made in named.items() if name.startswith("honest")]
    return Run(named, honest, listing() - before)


@pytest.fixture(scope="module")
def runs(ground):
    return {kind: run_battery(ground, kind == "vetted") for kind in ("vetted", "unvetted")}


# --- That they are attacks ----------------------------------------------------


def judge_in_the_open(ground, name):
    """The result of an attack that meets neither vet nor box."""
    attack = next(attack for attack in battery.ATTACKS if attack.name == name)
    path = attack.write(ground / "in" / f"open-{name}", ground / "hidden" / "secret.rep", NONCE)
    (made,) = judge.judge(make_bench(ground, False, is_open=True), [path], 1, lambda text: None)
    return made


def test_without_a_box_a_file_is_included(ground):
    log = judge_in_the_open(ground, "include-secret")["build"]["log"]
    assert "secret.rep:1:3: error: invalid preprocessing directive" in log


def test_without_a_box_a_file_is_embedded(ground):
    made = judge_in_the_open(ground, "incbin")
    assert made["verdict"] == "ok" and made["build"]["log"] == ""


def test_without_a_box_hidden_traces_are_read(ground):
    made = judge_in_the_open(ground, "reads-hidden")
    assert SECRET in made["traces"][0]["error"]


def test_without_a_box_files_are_written(ground):
    try:
        judge_in_the_open(ground, "writes-outside")
        assert pathlib.Path("/tmp", NONCE).exists()
    finally:
        for folder in WATCHED:
            pathlib.Path(folder, NONCE).unlink(missing_ok=True)


# --- That they gain nothing ------------------------------------------------------

KINDS = pytest.mark.parametrize("kind", ["vetted", "unvetted"])


def expected(attack, kind):
    """Verdicts that an attack may get."""
    if kind == "unvetted" or attack.vet is None:
        return attack.unvetted
    if attack.vet == "compile error":
        return ("compile error",)
    rules = course.load()
    return ("rule broken",) if rules.action(attack.vet) == "break" else attack.unvetted


@KINDS
@pytest.mark.parametrize("attack", battery.ATTACKS, ids=str)
def test_an_attack_gains_nothing(runs, attack, kind):
    made = runs[kind].results[attack.name]
    honest = runs[kind].honest[0]
    assert made["verdict"] in expected(attack, kind), made["reason"]
    if kind == "vetted" and attack.rule:
        assert attack.rule in [finding["rule"] for finding in made["findings"]]
    if kind == "unvetted" and made["verdict"] == "rule broken":
        assert {finding["rule"] for finding in made["findings"]} & {"forbidden-call", "output"}
    assert made["score"] is not None
    for trace, reference in zip(made["traces"], honest["traces"]):
        if trace["verdict"] == "valid":
            assert trace["utilization"] <= reference["utilization"] + 1e-9
            # Not a test of time: a forged clock would make it thousands.
            assert trace["speed"] is None or trace["speed"] < 5 * reference["speed"]
        else:
            assert trace["score"] == 0


@KINDS
@pytest.mark.parametrize("attack", battery.ATTACKS, ids=str)
def test_an_attack_tells_no_secret(runs, attack, kind):
    assert SECRET not in json.dumps(runs[kind].results[attack.name])


@KINDS
def test_the_honest_are_graded_as_ever(runs, kind):
    first = runs[kind].honest[0]
    assert len(runs[kind].honest) > len(battery.ATTACKS) / SPACING
    for made in runs[kind].honest:
        assert made["verdict"] == "ok", made["reason"]
        assert made["utilization"] == first["utilization"]
        assert [t["peak_footprint"] for t in made["traces"]] == [t["peak_footprint"] for t in first["traces"]]


@KINDS
def test_nothing_is_written_outside(runs, kind):
    assert not [path for path, _ in runs[kind].new_files if NONCE in path]
    assert not [path for path, user in runs[kind].new_files if user in users()]


@pytest.mark.skipif(os.geteuid() != 0, reason="boxes have users of their own only under root")
def test_no_process_is_left(runs):
    assert runs
    assert not [process for process, user in processes() if user in users()]


def test_there_are_enough_of_them():
    assert len(battery.ATTACKS) >= 25
    assert all(attack.text.startswith("/* ") for attack in battery.ATTACKS)
    assert shutil.which("bwrap")
