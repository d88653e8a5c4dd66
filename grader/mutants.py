"""`python3 -m grader mutants`: do heap checkers find seeded bugs?

Without --checker the lab's own stages are held to their seeded bugs: each must
be named by mm_checkheap, and those that harm a caller failed by the driver.
With --checker a submission's mm_checkheap is judged. See docs/mutants.md.
"""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import tempfile

import rich.console
import rich.table
import rich.text

from grader import LAB, seeded
from grader.errors import GraderError, UsageError

QUICK_OPS = 20_000


def add_parser(commands):
    """Add the command's parser to argparse's subparsers."""
    parser = commands.add_parser(
        "mutants",
        help="try heap checkers on seeded bugs",
        description=__doc__.partition("\n\n")[2],
        epilog="exit status: 0 every bug was found, none by false alarm; 1 not so; 2 wrong usage; 3 could not grade",
    )
    parser.add_argument("--stage", help="number or name of the stage (default: all; needed with --checker)")
    parser.add_argument("--checker", metavar="PATH", help="an mm.c whose mm_checkheap is judged")
    parser.add_argument("--sound", type=int, metavar="OPS", default=QUICK_OPS,
                        help="random operations without a bug, for false alarms (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write all findings there, too")
    parser.add_argument("--build", metavar="DIR", default=LAB / "build", type=pathlib.Path,
                        help="where the lab was built (default: build)")
    parser.set_defaults(run=run)


def find_stages(word):
    """The folders that a number, a name or a folder means; None: all."""
    stages = seeded.stages()
    found = [stage for stage in stages if word is None or word in (stage, *stage.split("-", 1))]
    if not found:
        raise UsageError(f"--stage {word}: no such stage; there are {', '.join(stages)}")
    return found


def make_table(title, *columns):
    table = rich.table.Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table


def show(*renderables):
    """Print to standard output: wide as the terminal, else as the text."""
    console = rich.console.Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = rich.console.Console(highlight=False, width=160)
    for renderable in renderables:
        console.print(renderable)


def plain(text):
    """A submission's words, without markup or control characters."""
    return rich.text.Text("".join(c if c.isprintable() else " " for c in text))


def write_json(path, value):
    if path:
        pathlib.Path(path).write_text(json.dumps(value, indent=2) + "\n")


# --- The lab's own stages --------------------------------------------------------


def judge_stage(stage, build, ops):
    """A stage's faults as it is, and the verdicts on its bugs."""
    with tempfile.TemporaryDirectory() as folder:
        bench = seeded.Bench(pathlib.Path(folder), build)
        faults = seeded.sound_faults(stage, bench, ops)
        return faults, [seeded.judge(bug, bench) for bug in seeded.bugs_of(stage)]


def stage_table(stage, faults, verdicts, ops):
    named = sum(verdict.named for verdict in verdicts)
    title = f"{stage}: {named} of {len(verdicts)} seeded bugs named; "
    title += f"{'FALSE ALARM' if faults else 'no false alarm'} in {ops} random operations"
    table = make_table(title, "bug", "what it does", "mm_checkheap", "driver")
    for verdict in verdicts:
        named = f"{verdict.bug.invariant} broken" if verdict.named else "DID NOT NAME IT"
        failed = "fails it" if verdict.failed else "harms no caller"
        if any(fault.startswith("mdriver") for fault in verdict.faults):
            failed = "NOT AS ITS FIRST LINE SAYS"
        table.add_row(verdict.bug.script.stem, verdict.bug.about, named, failed)
    return table


def run_stages(arguments):
    stages = find_stages(arguments.stage)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda stage: judge_stage(stage, arguments.build, arguments.sound), stages))
    faults = []
    for stage, (sound, verdicts) in zip(stages, results):
        show(stage_table(stage, sound, verdicts, arguments.sound), "")
        faults += [f"{stage}: {fault}" for fault in sound]
        faults += [f"{stage}, {verdict.bug.script.stem}: {fault}" for verdict in verdicts for fault in verdict.faults]
    show(*map(plain, faults))
    write_json(arguments.json, {"stages": [
        {"stage": stage, "sound": not sound, "ops": arguments.sound, "bugs": [
            {"name": verdict.bug.script.stem, "about": verdict.bug.about, "invariant": verdict.bug.invariant,
             "harms": verdict.bug.harms, "named": verdict.named, "failed": verdict.failed}
            for verdict in verdicts]}
        for stage, (sound, verdicts) in zip(stages, results)]})
    return 1 if faults else 0


# --- A submission's checker ---------------------------------------------------------


def describe(finding):
    """A bug's row: what was found, and when."""
    if finding.word == "found" and finding.harm == 0:
        return f"found at op {finding.alarm}"
    if finding.word == "found":
        return f"found at op {finding.alarm}; a caller is harmed at op {finding.harm}"
    if finding.word == "died":
        return "mm_checkheap crashed or did not come back"
    if not finding.why:
        return f"missed, up to a crash at op {finding.harm}" if finding.harm else "missed"
    return f"missed; at op {finding.harm}: {finding.why}"


def verdict_of(report):
    """The last line for people."""
    text = f"found {report.found} of {len(report.findings)} bugs"
    text += f", {len(report.alarms)} FALSE ALARMS" if report.alarms else f", no false alarm in {report.ops} operations"
    score = "unknown, as no bug counts" if report.score is None else f"{report.score:.1f} of 100"
    return f"{text}: score {score}"


def run_checker(arguments):
    if not arguments.stage:
        raise UsageError("--checker needs --stage N: whose bugs are to be tried, too?")
    if not (arguments.build / "mutants").exists():
        raise GraderError(f"{arguments.build}/mutants is missing: run `make` first")
    from grader import checker  # needs python3-clang, which no other command does

    stage, = find_stages(arguments.stage)
    with tempfile.TemporaryDirectory() as folder:
        report = checker.judge(arguments.checker, stage, arguments.build, folder, arguments.sound)
    table = make_table(f"mm_checkheap of {arguments.checker}", "where", "bug", "")
    for finding in sorted(report.findings, key=lambda each: each.word):
        table.add_row(plain(finding.where), plain(finding.text), plain(describe(finding)))
    others = ", ".join(f"{count} {word}" for word, count in sorted(report.others.items()))
    show(table, "", plain(f"not counted: {others or 'none'}"), *(plain(f"false alarm {each}") for each in report.alarms),
         plain(verdict_of(report)))
    write_json(arguments.json, {
        "checker": str(arguments.checker), "stage": stage, "score": report.score, "found": report.found,
        "seeded": len(report.findings), "not_counted": report.others, "ops": report.ops,
        "false_alarms": list(report.alarms), "bugs": [dataclasses.asdict(finding) for finding in report.findings]})
    return 0 if report.score == 100 else 1


def run(arguments):
    """Do it; returns the exit status."""
    return run_checker(arguments) if arguments.checker else run_stages(arguments)
