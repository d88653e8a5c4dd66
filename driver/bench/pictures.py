"""Ratios to glibc as pictures: a row a program, a mark an allocator."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402  (after the choice of a backend)
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter  # noqa: E402

import allocators
import compare

# Colours that the colour-blind tell apart (Okabe and Ito), and shapes.
STYLE = [("#0072B2", "o"), ("#009E73", "s"), ("#CC79A7", "^"), ("#D55E00", "D"), ("#56B4E9", "v")]
TICKS = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200]


def scale_ratios(axes, values):
    """A logarithmic axis with plain numbers, as wide as the values."""
    axes.set_xscale("log")
    axes.set_xlim(min(values + [0.7]) / 1.15, max(values + [1.5]) * 1.15)
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def draw(comparison, measure, path):
    """One measure's picture, to a file."""
    rows = [*comparison.timed, "geometric mean"]
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.24 * len(rows)), layout="constrained")
    values = []
    others = [name for name in comparison.names if name != allocators.BASE]
    for (colour, shape), name in zip(STYLE * len(others), others):
        points = {
            row: comparison.ratio(program, measure, name)
            for row, (program, _) in enumerate(comparison.timed.items())
            if name in comparison.programs[program]["runs"]
        }
        points[len(rows) - 1] = comparison.mean(measure, name)
        values += points.values()
        is_stage = name in comparison.stages
        axes.scatter(
            points.values(),
            points.keys(),
            color=colour,
            marker=shape,
            s=36 if is_stage else 22,
            zorder=3 if is_stage else 2,
            label=f"{name} ({points[len(rows) - 1]:.2f})",
        )
    axes.set_yticks(range(len(rows)), rows)
    axes.invert_yaxis()
    axes.axhline(len(rows) - 1.5, color="0.6", linewidth=0.8)
    axes.axvline(1, color="0.3", linewidth=0.8)
    axes.grid(axis="both", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    scale_ratios(axes, values)
    axes.set_xlabel(f"{compare.MEASURES[measure]}, ratio to glibc (left is better; in brackets the mean)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(others), frameon=False)
    figure.savefig(path, dpi=130)
    plt.close(figure)
