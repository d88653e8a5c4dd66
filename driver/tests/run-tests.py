#!/usr/bin/python3
"""Run test suites, say what failed, and count.

A suite is either a C file of Criterion tests, whose program the Makefile has
built under BUILD/tests, or an executable that prints TAP. The suites under
stages/tests run once for every stage in BUILD/stages, with its path in the
environment variable MM_STAGE.

A suite passes only if what ran is what was written: every Test of the source
appears in the report, every test of a TAP plan was run, at least one test
ran, none hung, and the exit status agrees with the report. Criterion's own
verdict alone does not say that (see hook.c).

They start in the order given, and each is told of when it ends. The last line
is "N passed, N failed"; the exit status is 0 only if something passed and
nothing failed.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

CRITERION_TEST = re.compile(
    r"^(?:Test|ParameterizedTest|Theory)\s*\((?P<inside>[^{]*?)\)\s*\{", re.MULTILINE
)
TAP_LINE = re.compile(
    r"^(?P<bad>not )?ok\b\s*\d*\s*(?:- )?(?P<name>.*?)\s*"
    r"(?:# (?P<skip>SKIP|TODO)\b\s*(?P<reason>.*))?$",
    re.IGNORECASE,
)
TAP_PLAN = re.compile(r"^1\.\.(\d+)")
SANITIZER = re.compile(
    r"^==\d+==\s*ERROR: |: runtime error: |^WARNING: ThreadSanitizer", re.MULTILINE
)


@dataclasses.dataclass
class Suite:
    """One program to run: its name, command, and what it must report."""

    name: str
    command: list
    environment: dict
    expected: set = None  # names of its Criterion tests; None: it prints TAP


@dataclasses.dataclass
class Outcome:
    """What became of a suite: counts, what to tell, and its output."""

    passed: int = 0
    skipped: list = dataclasses.field(default_factory=list)
    failures: list = dataclasses.field(default_factory=list)
    output: str = ""
    seconds: float = 0.0  # that it took
    processor: float = 0.0  # seconds of all processors that it took


def criterion_tests(source):
    """Names ("suite::test") of the tests a C file defines."""
    names = set()
    for match in CRITERION_TEST.finditer(source.read_text(encoding="utf-8")):
        words = [word.strip() for word in match["inside"].split(",")]
        if match[0].startswith("Test"):
            names.add("::".join(words[:2]))
        else:  # ParameterizedTest(type, suite, name), Theory((args), suite, name)
            plain = [word for word in words if re.fullmatch(r"\w+", word)]
            names.add("::".join(plain[-2:]))
    return names


def find_suites(arguments):
    """The suites that the command line asks for, each stage's apart."""
    base = {**os.environ, "BUILD": str(arguments.build)}
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):  # a make in a suite
        base.pop(name, None)  # has no part in the jobs of the one around it
    stages = sorted(arguments.build.glob("stages/*.so"))
    for path in arguments.suites:
        if path.suffix != ".c":
            yield Suite(str(path), [path.resolve()], base)
            continue
        program = arguments.build / "tests" / path.with_suffix("")
        expected = criterion_tests(path)
        if path.parts[0] != "stages":
            yield Suite(str(path), [program], base, expected)
            continue
        for stage in stages:
            environment = {**base, "MM_STAGE": str(stage)}
            yield Suite(f"{path} on {stage.stem}", [program], environment, expected)


def wait_for(process, seconds):
    """Wait for a child: (its exit status, the processor seconds of it and of
    all that it waited for). The status is None when it ran past the limit and
    was killed, and with it all of its group."""
    handle = os.pidfd_open(process.pid)
    try:
        in_time = select.select([handle], [], [], seconds)[0]
    finally:
        os.close(handle)
    if not in_time:
        os.killpg(process.pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode if in_time else None, usage.ru_utime + usage.ru_stime


def run_limited(command, environment, seconds):
    """Run a command; its output, TAP (its stdout), exit status and processor
    seconds, as wait_for tells them."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        status, processor = wait_for(process, seconds)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="backslashreplace"))
        return texts[0], texts[1], status, processor


def read_tap(tap, outcome):
    """Count the lines of a TAP report; the names that ran and the plan."""
    ran, results, plan = set(), 0, None
    for line in tap.splitlines():
        if match := TAP_PLAN.match(line):
            plan = int(match[1])
        elif match := TAP_LINE.match(line):
            results += 1
            name = match["name"]
            if match["skip"]:
                outcome.skipped.append(f"{name} ({match['reason']})")
                continue
            ran.add(name.split(" ")[0])
            if match["bad"]:
                outcome.failures.append(name)
            else:
                outcome.passed += 1
    if plan is None:
        outcome.failures.append("no TAP plan: it did not come to its end")
    elif plan != results:
        outcome.failures.append(f"planned {plan} tests, reported {results}")
    return ran


def run_suite(suite, seconds):
    """Run one suite and judge it."""
    start = time.monotonic()
    outcome = judge_suite(suite, seconds)
    outcome.seconds = time.monotonic() - start
    return outcome


def judge_suite(suite, seconds):
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "tap")
        command = list(suite.command)
        if suite.expected is not None:
            command.append(f"--tap={report}")
        try:
            out, err, status, outcome.processor = run_limited(
                command, suite.environment, seconds
            )
        except OSError as error:
            outcome.failures.append(f"cannot run it: {error}")
            return outcome
        if suite.expected is None:
            tap = out
        else:
            tap = report.read_text(errors="backslashreplace") if report.exists() else ""
    outcome.output = out + err
    if status is None:
        outcome.failures.append(f"killed after {seconds} seconds")
    ran = read_tap(tap, outcome)
    judge_whole(suite, outcome, ran, status)
    return outcome


def judge_whole(suite, outcome, ran, status):
    """Hold the report against the source, the status and the output."""
    if suite.expected is not None:
        skipped = {line.split(" ")[0] for line in outcome.skipped}
        for name in sorted(suite.expected - ran - skipped):
            outcome.failures.append(f"{name} did not run")
        if SANITIZER.search(outcome.output):
            outcome.failures.append("a sanitizer reported an error")
    if outcome.passed + len(outcome.failures) == 0:
        outcome.failures.append("no test ran")
    if not outcome.failures and status != 0:
        outcome.failures.append(f"exit status {status}, yet no test failed")


def print_outcome(suite, outcome):
    """A line for a good suite; everything for a bad one."""
    line = f"{suite.name}: {outcome.seconds:.0f} s, {outcome.processor:.0f} s of "
    line += f"processors, {outcome.passed} passed"
    if outcome.skipped:
        line += f", {len(outcome.skipped)} skipped: " + ", ".join(outcome.skipped)
    if outcome.failures:
        line += f", {len(outcome.failures)} FAILED"
    print(line)
    if outcome.failures:
        for line in outcome.output.splitlines():
            print(f"    | {line}")
        for failure in outcome.failures:
            print(f"    FAILED {failure}")
    sys.stdout.flush()


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument(
        "--seconds", type=float, default=600, help="a suite that runs longer hangs"
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() + 1,
        help="suites at a time; one more than there are processors, as some wait "
        "for what is to time out",
    )
    parser.add_argument("suites", nargs="*", type=pathlib.Path)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    suites = list(find_suites(arguments))
    passed = failed = 0
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = {pool.submit(run_suite, s, arguments.seconds): s for s in suites}
        for run in concurrent.futures.as_completed(runs):
            outcome = run.result()
            print_outcome(runs[run], outcome)
            passed += outcome.passed
            failed += len(outcome.failures)
    print(f"{len(suites)} suites in {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
