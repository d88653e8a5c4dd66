"""Seeding bugs, and judging heap checkers by them."""

import json
import os

import pytest

from grader import LAB, checker, operators, seeded
from grader.errors import UsageError
from grader.tests.test_cli import run

BUILD = LAB / os.environ.get("BUILD", "build")
STAGE = LAB / "stages" / "2-implicit" / "mm.c"
BODY = "bool mm_checkheap(int line)\n{\n"


def seed(body):
    """Seed a function's body: {operator: texts of its mutants}."""
    text = f'# 1 "mm.c"\nint f(int a, int b, int *p)\n{{\n{body}\n}}\n'.encode()
    found = {}
    for mutant in operators.seed(text, "mm.c")[1]:
        found.setdefault(mutant.operator, []).append((mutant.before, mutant.after))
    return found


@pytest.mark.parametrize(
    ("body", "operator", "expected"),
    [
        ("a = b; return a;", "delete", [("a = b", "(void)0")]),
        ("f(a, b, p); return a;", "delete", [("f(a, b, p)", "(void)0")]),
        ("if (p) a++; return a;", "delete", [("a++", "(void)0")]),
        ("if (p) a++; return a;", "condition", [("p", "0"), ("p", "1")]),
        ("while (p) p = 0; return a;", "condition", [("p", "0")]),
        ("for (a = 0; a < b; a++) p++; return a;", "condition", [("a < b", "0")]),
        ("for (;;) return a;", "condition", []),
        ("return a ? b : 3;", "condition", [("a", "0"), ("a", "1")]),
        ("return a < b;", "compare", [("a < b", "a <= b")]),
        ("return a && b;", "logic", [("a && b", "a")]),
        ("return a & ~b;", "bits", [("a & ~b", "a")]),
        ("return a + b;", "sign", [("a + b", "a - b")]),
        ("return *(p - a);", "sign", [("p - a", "p + a")]),
        ("return p - &b;", "sign", []),
        ("a += b; return a;", "sign", [("a += b", "a -= b")]),
        ("return a == 7;", "one", [("7", "7 + 1")]),
        ("switch (a) { case 7: return b; } return a;", "one", []),
        ("return (int)sizeof(int[7]);", "one", []),
        ("int x[7]; return x[a];", "one", []),
        ("p = (int *)0; return *p;", "one", []),
        ("static int x = 7; return x;", "one", []),
    ],
)
def test_operators(body, operator, expected):
    assert seed(body).get(operator, []) == expected


def test_only_the_submission_is_seeded():
    text = b'# 1 "mm.h"\nint g(int a) { return a + 1; }\n# 5 "mm.c"\nint f(int a) { return g(a); }\n'
    assert operators.seed(text, "mm.c")[1] == []


def test_lines_are_the_files():
    text = b'# 1 "mm.c"\n\n# 40 "mm.c"\nint f(int a)\n{\n    return a + a;\n}\n'
    assert [mutant.line for mutant in operators.seed(text, "mm.c")[1]] == [42]


def test_bugs_inside_each_other_stay_apart():
    text = b'# 1 "mm.c"\nint f(int a) { return (a + 1) & 7; }\n'
    seeded_text = operators.seed(text, "mm.c")[0].decode()
    assert seeded_text.count(operators.SWITCH) == 1 + 4


def judge(tmp_path, source=STAGE):
    return checker.judge(source, "2-implicit", BUILD, tmp_path, 5000)


def variant(tmp_path, statement):
    """Stage 2 with a statement before all that mm_checkheap does."""
    path = tmp_path / "variant" / "mm.c"
    path.parent.mkdir()
    text = STAGE.read_text()
    assert BODY in text
    path.write_text(text.replace(BODY, f"{BODY}    {statement}\n"))
    return path


@pytest.mark.slow
def test_the_reference_finds_nearly_all(tmp_path):
    report = judge(tmp_path)
    assert report.alarms == ()
    assert len(report.findings) >= 30
    assert report.score > 85


def test_a_blind_checker_finds_nothing(tmp_path):
    report = judge(tmp_path, variant(tmp_path, "return true;"))
    assert (report.found, report.score, report.alarms) == (0, 0, ())


def test_a_false_alarm_costs_the_score(tmp_path):
    report = judge(tmp_path, variant(tmp_path, "if (mem_heapsize() > 100000) return false;"))
    assert report.alarms
    assert report.score == 0


@pytest.mark.slow
def test_a_checker_that_knows_half_finds_half(tmp_path):
    blind = "for (struct block *b = heap_first; b != heap_end(); b = block_next(b)) " \
        "if (block_size(b) == 0) return false; return true;"
    report = judge(tmp_path, variant(tmp_path, blind))
    assert 0 < report.score < 70


def test_another_era_is_refused(tmp_path):
    path = tmp_path / "mm.c"
    path.write_text("team_t team;\n")
    with pytest.raises(UsageError, match="era classic"):
        judge(tmp_path, path)


def test_the_command_writes_json(tmp_path):
    done = run("mutants", "--stage", "explicit", "--sound", "0", "--build", str(BUILD), "--json", str(tmp_path / "m.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    stage, = json.loads((tmp_path / "m.json").read_text())["stages"]
    assert len(stage["bugs"]) >= 8
    assert all(bug["named"] and bug["harms"] == bug["failed"] for bug in stage["bugs"])


def test_a_wrong_first_line_is_told(tmp_path):
    script = tmp_path / "I1.sed"
    script.write_text("# no word of harm\ns/a/b/\n")
    with pytest.raises(seeded.GraderError, match="Harms a caller"):
        seeded.read_bug(script)
