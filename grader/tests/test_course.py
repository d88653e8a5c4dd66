"""The course file."""

import re

import pytest

from grader import LAB, course
from grader.errors import UsageError


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "course.toml"
        path.write_text(text)
        return course.load(path)

    return load


def test_a_course_overrides_what_it_names(load):
    settings = load("[limits]\nstatic_data = 128\n[rules]\nasm = 'ignore'\n[symbols]\nours = ['lab_*']\n")
    assert settings["limits"]["static_data"] == 128
    assert settings.action("asm") == "ignore"
    assert settings.action("embed") == "break"
    assert settings.allows_symbol("lab_one") and settings.allows_symbol("memcpy")
    assert not settings.allows_symbol("malloc")


@pytest.mark.parametrize(
    "text, message",
    [
        ("[limits]\nstatik = 1", "limits.statik: no such setting; there are static_data"),
        ("[limits]\nstatic_data = '1'", "limits.static_data: expected int, found str"),
        ("[limits]\nstatic_data = -1", "less than nothing"),
        ("[rules]\nasm = 'forbid'", "rules.asm: 'forbid': say one of break, review, ignore"),
        ("limits = 3", "limits: expected dict, found int"),
        ("[symbols]\nours = [1]", "symbols.ours: expected a list of strings"),
        ("[compile", "not TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused(load, text, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        load(text)


def test_a_file_that_is_not_there():
    with pytest.raises(UsageError, match="cannot be read"):
        course.load("/nowhere/course.toml")


def test_every_rule_has_a_setting_and_a_meaning(rules):
    assert set(rules["rules"]) == set(course.RULES)


def test_every_rule_is_in_the_manual():
    manual = (LAB / "docs" / "grader.md").read_text()
    missing = [rule for rule in course.RULES if f"`{rule}`" not in manual]
    assert not missing
