"""`python3 -m grader judge`: build, vet, run and score submissions.

Two passes. In the first, side by side, every submission is built, vetted and
its answers checked. In the second, one at a time and on one processor, what
was right is measured, and checked again while it is.
"""

import argparse
import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from grader import LAB, course, machine, referee, report, result, sandbox, toolchain
from grader import submission as submissions
from grader.case import Bench, Case, Stage
from grader.errors import GraderError, UsageError

METRICS = ("time", "instructions")

# Files in the folder of results.
TABLE = "scores.csv"
PICTURE = "scores.png"


# --- What is judged, and by what -----------------------------------------------


def find_stage(word):
    """The Stage that a number, a name or a folder means."""
    stages = []
    for path in sorted(LAB.glob("stages/[0-9]*/mm.c")):
        number, _, name = path.parent.name.partition("-")
        stages.append(Stage(int(number), name))
        if word in (number, name, path.parent.name):
            return stages[-1]
    known = ", ".join(stage.folder for stage in stages)
    raise UsageError(f"--stage {word}: no such stage; there are {known}")


def find_traces(folder):
    """All traces of a folder and of its folder `threads`, by name."""
    folder = pathlib.Path(folder)
    traces = sorted(folder.glob("*.rep")) + sorted(folder.glob("threads/*.rep"))
    if not traces:
        raise UsageError(f"{folder}: holds no trace (*.rep)")
    return traces


def hash_traces(sets):
    digest = hashlib.sha256()
    for paths in sets.values():
        for path in paths:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def lab_version():
    """The commit of the lab, with a + when files have changed since."""
    command = ["git", "-C", str(LAB), "describe", "--always", "--dirty=+"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


# --- A run ---------------------------------------------------------------------


def plain_name(path):
    """A name for tables and folders of the submission at path."""
    path = pathlib.Path(os.path.abspath(path))
    name = path.parent.name if path.name == submissions.MAIN else path.name
    name = submissions.show(name.removesuffix(".c"))
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", name).lstrip(".-")[:80] or "submission"


def name_all(paths):
    """{name: path}: every path under a name of its own."""
    names = {}
    for path in paths:
        name, turn = plain_name(path), 1
        while name in names:
            turn += 1
            name = f"{plain_name(path)}.{turn}"
        names[name] = path
    return names


def judge(bench, paths, jobs, progress, keep=lambda outcome: None):
    """Judge the submissions at paths. Returns their results, in order.

    jobs: how many are checked at a time. progress(text) is called as work
    goes on, keep(outcome) with each result as soon as there is one.
    """
    cases = [Case(bench, path, name, slot) for slot, (name, path) in enumerate(name_all(paths).items())]
    try:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for case in pool.map(lambda case: (case.check(), case)[1], cases):
                progress(f"{case.name}: answers checked")
        results = []
        for case in cases:
            case.measure()
            results.append(case.outcome())
            keep(results[-1])
            progress(f"{case.name}: measured")
        return results
    finally:
        for case in cases:
            case.close()


# --- The command ------------------------------------------------------------------


def add_parser(commands):
    """Add the command's parser to argparse's subparsers."""
    parser = commands.add_parser(
        "judge",
        help="build, vet, run and score submissions",
        description="Judge submissions: compile, vet, replay all traces, score. "
        "With several PATHs one table and one picture show all of them.",
        epilog="exit status: 0 all are ok; 1 some are not; 2 wrong usage; 3 some could not be graded, or a result not written",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a C file of any name, or a folder that holds an mm.c")
    parser.add_argument("--all", metavar="DIR", help="every file and folder in DIR, as if it were a PATH")
    parser.add_argument("--stage", required=True, help="number or name of the stage")
    parser.add_argument("--course", metavar="FILE", help="a course's rules and limits, over grader/course.toml")
    parser.add_argument("--traces", metavar="DIR", default=LAB / "traces", help="the public traces (default: the lab's)")
    hidden = parser.add_mutually_exclusive_group()
    hidden.add_argument("--hidden", metavar="DIR", help="hidden traces, scored apart from the public ones")
    hidden.add_argument("--hidden-seed", metavar="SEED", help="make hidden traces like the lab's, from a secret number")
    parser.add_argument("--metric", choices=METRICS, default="time", help="what speed is measured by (default: time)")
    parser.add_argument("--json-dir", metavar="DIR", default=LAB / "build" / "grades", help="where results go: NAME/result.json, scores.csv, scores.png (default: build/grades)")
    parser.add_argument("--marks", metavar="FILE", help="mdriver's JSON of stages to mark in the picture")
    parser.add_argument("--build", metavar="DIR", default=LAB / "build", help="where the referee was built (default: build)")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count(), help="submissions checked at a time (default: as many as there are processors)")
    parser.add_argument("--cpu", type=int, default=None, help="the processor that timings are pinned to (default: the last one)")
    parser.add_argument("--no-sandbox", action="store_true", help="run without bubblewrap; for submissions you trust")
    parser.add_argument("--no-vet", action="store_true", help="do not look at the code before it is run")
    parser.set_defaults(run=run)


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: expected 1 or more")
    return number


def find_submissions(arguments):
    """The paths that the command line names, those of --all by name."""
    paths = list(arguments.paths)
    if arguments.all is not None:
        try:
            names = sorted(os.listdir(arguments.all))
        except OSError as error:
            raise UsageError(f"--all {arguments.all}: {error.strerror}") from error
        paths += [os.path.join(arguments.all, name) for name in names if not name.startswith(".")]
    if not paths:
        raise UsageError("nothing to judge: name a PATH, or a folder with --all")
    return paths


def make_hidden(seed, folder):
    """A hidden set like the public one, made in a folder of ours."""
    command = [sys.executable, LAB / "traces" / "gen.py", "--seed", seed, "--perturb", "--out", folder]
    made = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if made.returncode != 0:
        raise UsageError(f"--hidden-seed {seed}: {made.stderr.strip()}")


def find_sets(arguments, stack):
    """{set: paths of traces}; what is made for it lives as long as the stack."""
    sets = {"public": find_traces(arguments.traces)}
    hidden = arguments.hidden
    if arguments.hidden_seed is not None:
        hidden = stack.enter_context(tempfile.TemporaryDirectory(prefix="seven-heaps-hidden-"))
        make_hidden(arguments.hidden_seed, hidden)
    if hidden:
        sets["hidden"] = find_traces(hidden)
    return sets


def make_bench(arguments, stack):
    """The Bench that a command line asks for; stack: see find_sets."""
    rules = course.load(arguments.course)
    sets = find_sets(arguments, stack)
    cpu = machine.quietest_cpu() if arguments.cpu is None else arguments.cpu
    if cpu not in os.sched_getaffinity(0):
        raise UsageError(f"--cpu {cpu}: not one of {sorted(os.sched_getaffinity(0))}")
    return Bench(
        stage=find_stage(arguments.stage),
        course=rules,
        tools=referee.Tools.find(arguments.build),
        toolchain=toolchain.find_toolchain(rules["compile"]["compiler"]),
        traces=sets,
        metric=arguments.metric,
        cpu=cpu,
        is_open=arguments.no_sandbox,
        is_vetted=not arguments.no_vet,
        lab={"version": lab_version(), "traces": hash_traces(sets)},
    )


def show_all(results, folder, marks):
    """Print the results, and write what shows all of them together."""
    if len(results) == 1:
        report.print_one(results[0])
    else:
        report.print_all(results)
        report.write_csv(results, folder / TABLE)
        from grader import picture  # matplotlib takes half a second to load

        picture.draw(results, marks, folder / PICTURE)
    print(f"results: {folder}")


class Keeper:
    """Writes each result as it comes, and goes on where one cannot be written.

    folder: where to. Raises GraderError at once where nothing can be written.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.trouble = None
        result.require_place(self.folder)

    def keep(self, outcome):
        try:
            result.write(outcome, self.folder / outcome["submission"]["name"] / "result.json")
        except GraderError as error:
            self.trouble = self.trouble or error

    def finish(self):
        """Raises GraderError, the first, if a result could not be written."""
        if self.trouble:
            raise self.trouble


def run(arguments):
    """Judge what the command line names; returns the exit status."""
    paths = find_submissions(arguments)
    with contextlib.ExitStack() as stack:
        bench = make_bench(arguments, stack)
        if not bench.is_open:
            sandbox.require_tools()
        keeper = Keeper(arguments.json_dir)
        progress = stack.enter_context(report.Progress(2 * len(paths)))
        results = judge(bench, paths, arguments.jobs, progress.step, keeper.keep)
    show_all(results, keeper.folder, arguments.marks)
    keeper.finish()
    verdicts = {outcome["verdict"] for outcome in results}
    return 3 if result.NOT_GRADED in verdicts else int(verdicts != {result.OK})
