#!/usr/bin/python3
"""Run pytest and report as TAP: `tap.py ARGUMENT-OF-PYTEST...`.

The report goes to standard output, all else to standard error, as
driver/tests/run-tests.py wants it. Runs from the root of the project.
"""

import contextlib
import sys

import pytest


class Tap:
    """A plugin of pytest that keeps one line of TAP for each test."""

    def __init__(self):
        self.lines = []

    def add(self, verdict, name):
        self.lines.append(f"{verdict} {len(self.lines) + 1} - {name}")

    def pytest_runtest_logreport(self, report):
        """A test is its call; set-up and tear-down count when they go wrong."""
        name = report.nodeid.replace("#", "_")
        if report.skipped:
            self.add("ok", f"{name} # SKIP {report.longrepr[2]}")
        elif report.failed:
            self.add("not ok", name)
        elif report.when == "call":
            self.add("ok", name)

    def pytest_collectreport(self, report):
        if report.failed:
            self.add("not ok", f"collecting {report.nodeid}")


def main():
    tap = Tap()
    words = ["-q", "-p", "no:cacheprovider", "--rootdir=.", *sys.argv[1:]]
    with contextlib.redirect_stdout(sys.stderr):
        status = pytest.main(words, plugins=[tap])
    print("\n".join(tap.lines))
    print(f"1..{len(tap.lines)}")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
