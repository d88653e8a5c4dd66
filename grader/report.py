"""What people see: tables and explanations on the terminal, a CSV file.

Names and messages come from whoever wrote the submission. They are shown as
text only: no control characters, no markup, no formulas.
"""

import csv
import io
import sys

import rich.console
import rich.progress
import rich.table
import rich.text

from grader import result

# Wide enough for a table when the output goes to a file.
PLAIN_WIDTH = 110

COLOURS = {result.OK: "green", result.NOT_GRADED: "magenta"}

CSV_COLUMNS = [
    "name", "verdict", "score", "hidden_score", "utilization", "speed", "metric", "review", "processor",
    "sandbox", "sha256", "lab", "reason",
]  # fmt: skip


def plain(text):
    """A text without what could drive a terminal; None stays None."""
    if text is None:
        return None
    kept = (c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return "".join(kept).encode("utf-8", "backslashreplace").decode()


def make_console(file=None):
    file = file or sys.stdout
    return rich.console.Console(
        file=file, width=None if file.isatty() else PLAIN_WIDTH, highlight=False, emoji=False, markup=False
    )


def cell(text, style=""):
    return rich.text.Text(plain(str(text)), style=style)


def figure(value, digits=1, factor=1):
    """A number for a table; - where it is unknown."""
    return "-" if value is None else f"{value * factor:.{digits}f}"


class Progress:
    """How far the work is, on standard error; a context manager.

    A bar on a terminal, a line for each step elsewhere.
    """

    def __init__(self, steps):
        self.steps = steps
        self.done = 0
        self.bar = None
        if sys.stderr.isatty():
            console = rich.console.Console(stderr=True, markup=False)
            self.bar = rich.progress.Progress(console=console, transient=True)
            self.task = self.bar.add_task("judging", total=steps)

    def __enter__(self):
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_):
        if self.bar:
            self.bar.stop()

    def step(self, text):
        """One step is over."""
        self.done += 1
        if self.bar:
            self.bar.update(self.task, completed=self.done, description=plain(text))
        else:
            print(f"{self.done}/{self.steps} {plain(text)}", file=sys.stderr, flush=True)


def make_table(title, *columns):
    """A table; a column is its name, with a > in front if it holds numbers."""
    table = rich.table.Table(title=plain(title), box=None, title_justify="left", pad_edge=False)
    for name in columns:
        right = name.startswith(">")
        table.add_column(cell(name.lstrip(">")), justify="right" if right else "left", overflow="fold")
    return table


# --- One submission ------------------------------------------------------------


def speed_name(outcome):
    return "x glibc" if outcome["metric"] == "time" else "instr. x"


def traces_table(outcome, kind):
    table = make_table(
        f"{kind} traces", "trace", "result", ">util %", f">{speed_name(outcome)}", ">+-%", ">score"
    )
    for trace in outcome["traces"]:
        if trace["set"] != kind:
            continue
        is_valid = trace["verdict"] == "valid"
        table.add_row(
            cell(trace["name"]),
            cell(trace["verdict"], "" if is_valid else "bold red"),
            figure(trace["utilization"] if is_valid else None, 1, 100),
            figure(trace["speed"] if is_valid else None, 2),
            figure(trace.get("spread") if is_valid else None, 0, 100),
            figure(trace["score"]),
        )
    return table


def print_findings(console, outcome):
    for finding in outcome["findings"]:
        where = f"{finding['where']}: " if finding["where"] else ""
        kind = "rule broken" if finding["action"] == "break" else "to review"
        console.print(cell(f"{kind}: {where}{finding['text']}", "bold"))
        console.print(cell(f"  rule {finding['rule']}: {finding['why']}"))


def print_one(outcome, file=None):
    """Verdict, table and explanations of one result."""
    console = make_console(file)
    if outcome["verdict"] == "compile error":
        console.print(cell(outcome["build"]["log"].rstrip()))
    sets = {trace["set"] for trace in outcome["traces"]}
    for kind in ("public", "hidden"):
        if kind in sets:
            console.print(traces_table(outcome, kind))
    for trace in outcome["traces"]:
        if trace["error"]:
            console.print(cell(f"\n{trace['name']}: {trace['verdict']}", "bold"))
            console.print(cell(trace["error"].rstrip()))
    print_findings(console, outcome)
    for note in outcome["notes"]:
        console.print(cell(f"note: {note}"))
    console.print(cell(headline(outcome), "bold " + COLOURS.get(outcome["verdict"], "red")))


def headline(outcome):
    """Name, verdict and figures in a line."""
    text = f"{outcome['submission']['name']}: {outcome['verdict']}"
    if outcome["reason"]:
        text += f": {outcome['reason']}"
    text += f"; score {figure(outcome['score'])}"
    if outcome["hidden"]:
        text += f", hidden {figure(outcome['hidden']['score'])}"
    if outcome["utilization"] is not None:
        text += f" (utilization {figure(outcome['utilization'], 1, 100)} %, "
        text += f"speed {figure(outcome['speed'], 2)} x glibc by {outcome['metric']})"
    return text


# --- Several -----------------------------------------------------------------------


def hidden_score(outcome):
    return outcome["hidden"]["score"] if outcome["hidden"] else None


def mixed_processors(results):
    """The models in a table that mixes them, else []."""
    models = sorted({outcome["machine"]["processor"] for outcome in results})
    return models if len(models) > 1 else []


def print_all(results, file=None):
    """One table of all results, and a line for each that is not ok."""
    console = make_console(file)
    title = f"stage {results[0]['stage']['number']}-{results[0]['stage']['name']}"
    table = make_table(title, "submission", "verdict", ">score", ">hidden", ">util %", ">x glibc", ">review")
    for outcome in sorted(results, key=lambda o: -(o["score"] or 0)):
        table.add_row(
            cell(outcome["submission"]["name"]),
            cell(outcome["verdict"], COLOURS.get(outcome["verdict"], "red")),
            figure(outcome["score"]),
            figure(hidden_score(outcome)),
            figure(outcome["utilization"], 1, 100),
            figure(outcome["speed"], 2),
            str(sum(f["action"] == "review" for f in outcome["findings"]) or ""),
        )
    console.print(table)
    for outcome in results:
        if outcome["reason"]:
            console.print(cell(f"{outcome['submission']['name']}: {outcome['verdict']}: {outcome['reason']}"))
    for line in table_warnings(results):
        console.print(cell(f"warning: {line}", "bold yellow"))


def table_warnings(results):
    """What a reader of the whole table must know."""
    if models := mixed_processors(results):
        yield f"measured on different processors ({', '.join(models)}): speeds do not compare"
    if len({outcome["metric"] for outcome in results}) > 1:
        yield "some speeds are by time, others by instructions: they do not compare"
    if any(outcome["sandbox"]["kind"] == "none" for outcome in results):
        yield "run without a sandbox: the figures are only as good as the submissions are honest"


# --- CSV ----------------------------------------------------------------------------


def csv_cell(value):
    """A value as a cell that a spreadsheet takes for data, not for a formula."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return f"{value:.6g}"
    text = " ".join(plain(value).split())
    return f"'{text}" if text[:1] in "=+-@|%" and text else text


def csv_row(outcome):
    return [
        outcome["submission"]["name"],
        outcome["verdict"],
        outcome["score"],
        hidden_score(outcome),
        outcome["utilization"],
        outcome["speed"],
        outcome["metric"],
        sum(f["action"] == "review" for f in outcome["findings"]),
        outcome["machine"]["processor"],
        outcome["sandbox"]["kind"],
        outcome["submission"]["sha256"],
        outcome["lab"]["version"],
        outcome["reason"],
    ]


def write_csv(results, path):
    """Write all results as CSV, a line each, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(CSV_COLUMNS)
    for outcome in results:
        writer.writerow([csv_cell(value) for value in csv_row(outcome)])
    result.write_text(text.getvalue(), path)
