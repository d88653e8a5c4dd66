"""All submissions in one picture: utilization against throughput."""

import json
import os
import pathlib
import tempfile

# matplotlib wants a folder to keep what it knows of fonts in.
os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), f"matplotlib-{os.getuid()}"))

import matplotlib  # noqa: E402

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402  (after the choice of a backend)
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter  # noqa: E402

from grader.errors import UsageError  # noqa: E402

# Colours that the colour-blind tell apart (Okabe and Ito).
SUBMISSION, STAGE, LIBC = "#0072B2", "#D55E00", "#009E73"

TICKS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10]
LABELLED = 40  # submissions; more names would cover each other


def read_marks(path):
    """[(name, speed, utilization)] of the stages in mdriver's JSON."""
    try:
        report = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        stages = report.get("stages", [report])
        points = [(s["stage"], s["speed"], s["utilization"]) for s in stages]
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise UsageError(f"--marks {path}: not what mdriver --json writes: {error}") from error
    return [point for point in points if point[1] and point[2]]


def label(text):
    """A name as text: matplotlib takes what is between $ for mathematics."""
    return text.replace("\\", "\\\\").replace("$", r"\$") if "$" in text else text


def place(axes, points, colour, marker, name, annotate):
    """Draw points (name, speed, utilization), with their names if asked."""
    if not points:
        return
    xs, ys = [p[1] for p in points], [100 * p[2] for p in points]
    axes.scatter(xs, ys, color=colour, marker=marker, s=44, label=name, zorder=3, edgecolor="white", linewidth=0.6)
    if annotate:
        for text, x, y in zip((p[0] for p in points), xs, ys):
            axes.annotate(label(text), (x, y), xytext=(5, 4), textcoords="offset points", fontsize=8, color=colour)


def scale(axes, speeds):
    axes.set_xscale("log")
    axes.set_xlim(min(speeds + [0.5]) / 1.4, max(speeds + [1.5]) * 1.4)
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(0, 102)


def draw(results, marks, path):
    """Write the picture of results to a PNG file.

    marks: path of mdriver's JSON on stages and libc to show beside them, or
    None.
    """
    points = [
        (o["submission"]["name"], o["speed"], o["utilization"])
        for o in results
        if o["speed"] and o["utilization"]
    ]
    known = read_marks(marks) if marks else []
    figure, axes = plt.subplots(figsize=(8, 5.6), layout="constrained")
    place(axes, [p for p in known if p[0] != "libc"], STAGE, "D", "stages of the lab", True)
    place(axes, [p for p in known if p[0] == "libc"], LIBC, "s", "glibc", True)
    place(axes, points, SUBMISSION, "o", "submissions", len(points) <= LABELLED)
    axes.axvline(1, color="0.5", linewidth=0.8, zorder=1)
    scale(axes, [p[1] for p in points + known])
    axes.grid(color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
    metric = results[0]["metric"]
    axes.set_xlabel(f"throughput, x glibc (by {metric}, geometric mean of the traces; right is better)")
    axes.set_ylabel("utilization, % (mean of the traces)")
    stage = results[0]["stage"]
    axes.set_title(f"Stage {stage['number']}-{stage['name']}: {len(points)} submissions", loc="left", fontsize=11)
    if points or known:
        axes.legend(loc="lower right", frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    figure.savefig(partial, dpi=130, format="png")
    plt.close(figure)
    os.replace(partial, path)
