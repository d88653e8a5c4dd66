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
from matplotlib.transforms import Bbox  # noqa: E402

from grader import result  # noqa: E402
from grader.errors import UsageError  # noqa: E402

# Colours that the colour-blind tell apart (Okabe and Ito).
SUBMISSION, STAGE, LIBC = "#0072B2", "#D55E00", "#009E73"

TICKS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10]
DPI = 130
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
    return text.replace("$", r"\$")


# Where a name may stand beside its mark, best first: x and y in points, and
# the end of the text that lies there.
SPOTS = [(6, 4, "left"), (-6, 4, "right"), (6, -10, "left"), (-6, -10, "right"), (0, 8, "center"), (0, -15, "center")]
NEAR = 7  # points around a mark that a name should not cover


def is_free(box, frame, taken):
    """Whether a text's box lies in the frame and on nothing that is there."""
    inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    return inside and not any(box.overlaps(other) for other in taken)


def write_names(axes, groups):
    """Write the names of groups of (colour, points) where there is room."""
    renderer = axes.figure.canvas.get_renderer()
    frame = axes.get_window_extent(renderer)
    marks = axes.transData.transform([(x, 100 * y) for _, points in groups for _, x, y in points])
    taken = [Bbox.from_bounds(x - NEAR / 2, y - NEAR / 2, NEAR, NEAR) for x, y in marks]
    for colour, points in groups:
        for name, x, y in points:
            text = axes.annotate(
                label(name), (x, 100 * y), textcoords="offset points", xytext=SPOTS[0][:2], fontsize=8, color=colour
            )
            for across, up, side in SPOTS:
                text.set_position((across, up))
                text.set_horizontalalignment(side)
                if is_free(text.get_window_extent(renderer), frame, taken):
                    break
            taken.append(text.get_window_extent(renderer))


def place(axes, points, colour, marker, name):
    """Draw points (name, speed, utilization)."""
    if points:
        xs, ys = [p[1] for p in points], [100 * p[2] for p in points]
        axes.scatter(xs, ys, color=colour, marker=marker, s=44, label=name, zorder=3, edgecolor="white", linewidth=0.6)


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
    stages = [p for p in known if p[0] != "libc"]
    libc = [("glibc", *p[1:]) for p in known if p[0] == "libc"]
    figure, axes = plt.subplots(figsize=(8, 5.6), dpi=DPI, layout="constrained")
    place(axes, stages, STAGE, "D", "stages of the lab")
    place(axes, libc, LIBC, "s", "glibc")
    place(axes, points, SUBMISSION, "o", "submissions")
    axes.axvline(1, color="0.5", linewidth=0.8, zorder=1)
    scale(axes, [p[1] for p in points + known])
    axes.grid(color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
    metric = results[0]["metric"]
    axes.set_xlabel(f"throughput, x glibc (by {metric}, geometric mean of the traces; right is better)")
    axes.set_ylabel("utilization, % (mean of the traces)")
    stage = results[0]["stage"]
    title = f"Stage {stage['number']}-{stage['name']}: {len(points)} of {len(results)} submissions"
    axes.set_title(title, loc="left", fontsize=11)
    if points or known:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, fontsize=9)
    figure.canvas.draw()  # lays the axes out, so that names can be placed
    figure.set_layout_engine("none")
    named = points if len(points) <= LABELLED else []
    write_names(axes, [(LIBC, libc), (STAGE, stages), (SUBMISSION, named)])
    with result.told(path):
        save(figure, path)
    plt.close(figure)


def save(figure, path):
    """Put the figure in the place of a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    try:
        figure.savefig(partial, dpi=DPI, format="png")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
