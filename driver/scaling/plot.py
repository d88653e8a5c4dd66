#!/usr/bin/python3
"""Draw what `make scaling` measured: three pictures from its JSON.

scaling-live.png     a pair of free and malloc against the live blocks, both
                     axes logarithmic
scaling-work.png     what that takes: instructions, and lines of memory that a
                     cache of 8 MiB misses, both counted
scaling-threads.png  calls a second against threads, in multiples of glibc's
                     with one thread
"""

import argparse
import json
import os
import sys

WIDTH, HEIGHT, DPI = 12.8, 7.2, 150  # inches and dots: 1920 x 1080
COLOURS = 64  # of a picture, the shades of smoothed edges among them

# Okabe and Ito's colours, which the colour-blind can tell apart, and a
# marker each for paper without colour.
STYLES = {
    "1-bump": ("#999999", "v"),
    "2-implicit": ("#D55E00", "s"),
    "3-explicit": ("#E69F00", "D"),
    "4-segregated": ("#CC79A7", "^"),
    "5-buddy": ("#56B4E9", "P"),
    "6-slab": ("#0072B2", "X"),
    "7-thread-cache": ("#009E73", "o"),
    "libc": ("#000000", "*"),
}
OTHER_STYLE = ("#666666", "h")
LOOP_COLOUR = "#777777"


def style_of(series):
    """How a series is drawn, libc's dashed."""
    colour, marker = STYLES.get(series["stage"], OTHER_STYLE)
    return {
        "color": colour,
        "marker": marker,
        "markersize": 7,
        "linewidth": 2.2,
        "linestyle": "--" if series["stage"] == "libc" else "-",
    }


def label_of(series):
    """The name at the end of a line, with a star for a lock."""
    name = "glibc" if series["stage"] == "libc" else series["stage"]
    return name + ("*" if series.get("locked") else "")


def known(series, x, y, least=1e-9):
    """The points of a series that have a figure: a list of x, one of y.

    least: what an axis can show, as a logarithmic one cannot show 0.
    """
    points = [p for p in series["points"] if p[y] is not None and p[y] >= least]
    return [p[x] for p in points], [p[y] for p in points]


def spread_out(places, gap, lowest):
    """Move places, sorted upwards, to be gap apart and not below lowest.

    Places that would touch form a group, centred where its members want to
    be; groups that then touch are joined.
    """
    groups = []  # of [members, the place of the first]
    for place in places:
        groups.append([[place], max(place, lowest)])
        while len(groups) > 1 and groups[-1][1] < (
            groups[-2][1] + gap * len(groups[-2][0])
        ):
            members = groups.pop()[0]
            groups[-1][0].extend(members)
            members = groups[-1][0]
            middle = sum(members) / len(members)
            groups[-1][1] = max(middle - gap * (len(members) - 1) / 2, lowest)
    return [
        first + gap * i for members, first in groups for i in range(len(members))
    ]


def label_lines(axes, ends):
    """Name each line at its end; ends is a list of (x, y, text, colour).

    Lines that end at the right edge get their names beside it, apart from
    each other; one that ends earlier has its name above its last point.
    """
    figure_dots = axes.figure.dpi / 72  # dots a point
    to_dots = axes.transData.transform
    right = max((end[0] for end in ends), default=0)
    for x, y, text, colour in ends:
        if x < right:
            label(axes, text, colour, to_dots((x, y)), (0, 16), "center")
    beside = sorted((end for end in ends if end[0] == right), key=lambda end: end[1])
    dots = [to_dots(end[:2]) for end in beside]
    lowest = axes.transAxes.transform((0, 0))[1] + 9 * figure_dots
    heights = spread_out([place[1] for place in dots], 19 * figure_dots, lowest)
    for (_, _, text, colour), place, height in zip(beside, dots, heights):
        label(axes, text, colour, (place[0], height), (12, 0), "left")


def label(axes, text, colour, dots, offset, side):
    """Write text in colour, offset points from a place in dots."""
    axes.annotate(
        text,
        xy=dots,
        xycoords="figure pixels",
        xytext=offset,
        textcoords="offset points",
        color=colour,
        fontsize=14,
        fontweight="bold",
        ha=side,
        va="center",
        annotation_clip=False,
    )


def draw_lines(axes, all_series, x, y, least=1e-9):
    """Draw every series that has figures; label each at its end."""
    ends = []
    for series in all_series:
        xs, ys = known(series, x, y, least)
        if xs:
            axes.plot(xs, ys, **style_of(series))
            colour = style_of(series)["color"]
            ends.append((xs[-1], ys[-1], label_of(series), colour))
    return ends


def finish(axes, title, xlabel):
    """What all panels have in common."""
    axes.set_title(title, fontsize=17, loc="left", pad=14)
    axes.set_xlabel(xlabel, fontsize=16)
    axes.tick_params(labelsize=14, labelleft=True)
    axes.grid(True, which="major", color="#dddddd")
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def draw_panels(plt, panels, xlabel, ylabels, draw):
    """Two panels side by side; draw(axes, way) draws one, returns its ends.

    ylabels: one for both panels, which then share the axis, or one for each.
    The names of the lines come last, when no panel moves the axes any more.
    """
    figure, all_axes = plt.subplots(
        1, 2, figsize=(WIDTH, HEIGHT), dpi=DPI, sharey=len(ylabels) == 1
    )
    figure.subplots_adjust(left=0.08, right=0.85, top=0.9, bottom=0.115, wspace=0.58)
    ends = []
    for axes, (way, title) in zip(all_axes, panels):
        ends.append(draw(axes, way))
        finish(axes, title, xlabel)
    for axes, ylabel in zip(all_axes, ylabels):
        axes.set_ylabel(ylabel, fontsize=16)
    figure.canvas.draw()
    for axes, its_ends in zip(all_axes, ends):
        label_lines(axes, its_ends)
    return figure


def draw_live(plt, all_series):
    """Any of the live blocks is replaced, and the same 100 of them."""
    panels = (
        ("any", "Any live block is replaced"),
        ("hot", "The same 100 are, the rest stays"),
    )

    def draw(axes, way):
        series = [s for s in all_series if s["way"] == way]
        axes.set_xscale("log")
        axes.set_yscale("log")
        return draw_lines(axes, series, "live", "ns") + draw_loop(axes, series)

    return draw_panels(
        plt, panels, "live blocks", ["ns a pair of free and malloc"], draw
    )


def draw_loop(axes, all_series):
    """The loop without an allocator, over the blocks of glibc."""
    libc = [s for s in all_series if s["stage"] == "libc"]
    xs, ys = known(libc[0], "live", "loop_ns") if libc else ([], [])
    if not xs:
        return []
    axes.plot(xs, ys, color=LOOP_COLOUR, linestyle=":", linewidth=2.2)
    return [(xs[-1], ys[-1], "loop alone", LOOP_COLOUR)]


def draw_work(plt, all_series):
    """What a pair takes when any of the live blocks is replaced."""
    panels = (
        ("instructions", "What the allocator does"),
        ("last_misses", "What it finds in no cache"),
    )
    ylabels = ["instructions a pair", "lines missed a pair, cache of 8 MiB"]
    series = [s for s in all_series if s["way"] == "any"]

    def draw(axes, figure):
        axes.set_xscale("log")
        if figure == "instructions":
            axes.set_yscale("log")
            ends = draw_lines(axes, series, "live", figure)
            axes.set_ylim(bottom=10)  # so that there are marks to read it by
            axes.minorticks_off()
            return ends
        ends = draw_lines(axes, series, "live", figure, least=0)
        axes.set_ylim(bottom=0)
        return ends

    return draw_panels(plt, panels, "live blocks", ylabels, draw)


def draw_threads(plt, all_series):
    """Blocks of a thread's own, and blocks that another thread frees."""
    panels = (
        ("own", "Each thread has its own blocks"),
        ("handed", "Each frees what another allocated"),
    )
    values = [y for s in all_series for y in known(s, "threads", "relative")[1]]
    highest = max(values, default=1)

    def draw(axes, way):
        series = [s for s in all_series if s["way"] == way]
        axes.set_xscale("log", base=2)
        ends = draw_lines(axes, series, "threads", "relative")
        ticks = [p["threads"] for p in series[0]["points"]] if series else []
        axes.set_xticks(ticks, [str(t) for t in ticks])
        axes.minorticks_off()
        axes.set_ylim(0, 1.05 * highest)
        return ends

    figure = draw_panels(
        plt, panels, "threads", ["calls a second, x glibc's with 1 thread"], draw
    )
    figure.text(0.98, 0.03, "* with a lock around it", fontsize=14, ha="right")
    return figure


def save(figure, path):
    """Write the figure with a palette, which takes a quarter of the bytes."""
    from PIL import Image  # matplotlib needs it, too

    figure.canvas.draw()
    size = figure.canvas.get_width_height()
    pixels = Image.frombuffer("RGBA", size, figure.canvas.buffer_rgba())
    pixels = pixels.convert("RGB")
    pixels.quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def load_matplotlib():
    """Import matplotlib for drawing to files; leave with advice if it lacks."""
    os.environ.setdefault("MPLCONFIGDIR", os.path.join("build", "matplotlib"))
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError as error:
        sys.exit(
            f"plot.py: the pictures need matplotlib ({error}): run `make deps`. "
            "The tables alone: build/scaling/scaling --help"
        )
    return plt


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("json", nargs="?", help="what scaling --json wrote")
    parser.add_argument("--live", metavar="PNG", help="write this picture")
    parser.add_argument("--work", metavar="PNG", help="and this one")
    parser.add_argument("--threads", metavar="PNG", help="and this one")
    parser.add_argument(
        "--check", action="store_true", help="only see whether matplotlib is there"
    )
    arguments = parser.parse_args()
    plt = load_matplotlib()
    if arguments.check:
        return
    if not arguments.json:
        parser.error("the JSON file is missing")
    try:
        with open(arguments.json, encoding="utf-8") as file:
            results = json.load(file)
        pictures = (
            (arguments.live, draw_live, results["live"]),
            (arguments.work, draw_work, results["work"] if arguments.work else []),
            (arguments.threads, draw_threads, results["threads"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(
            f"plot.py: {arguments.json}: expected what `scaling --json` writes: "
            f"{error}"
        )
    for path, draw, all_series in pictures:
        if path:
            try:
                save(draw(plt, all_series), path)
            except OSError as error:
                sys.exit(f"plot.py: {path}: cannot write: {error.strerror}")
            print(f"Drawn: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
