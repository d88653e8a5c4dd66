"""The command line, as a user meets it."""

import os
import subprocess
import sys

import pytest

from grader import LAB, cli


def run(*words, python="/usr/bin/python3", **environment):
    """Run the grader; what it printed and its exit status."""
    return subprocess.run(
        [python, "-m", "grader", *words],
        cwd=LAB,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help(command):
    result = run(command, "--help")
    assert result.returncode == 0
    assert f"grader {command}" in result.stdout


def test_exit_codes_are_in_the_help():
    assert "could not grade" in run("--help").stdout


def test_no_command_is_wrong_usage():
    assert run().returncode == 2


def test_a_python_without_the_libraries_hands_over(tmp_path):
    """-S and -I leave the libraries of Debian out, as another Python would."""
    script = f"import sys; sys.path.insert(0, {str(LAB)!r}); sys.executable = '/another'; " \
        "sys.path = [p for p in sys.path if 'dist-packages' not in p]; " \
        "sys.argv = ['grader', '--help']; " \
        "from grader.__main__ import main; sys.exit(main())"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=LAB, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert "COMMAND" in result.stdout
