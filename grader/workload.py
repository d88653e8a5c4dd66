"""Random traces, short ones, for heap checkers to be tried on.

The same seed makes the same trace everywhere. Unlike the traces of gen.py
they show no pattern: they are to bring a heap into as many states as they can.
"""

import dataclasses
import random

ALIGNS = [32, 64, 4096]


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a trace is like: its sizes, operations, most blocks live at once,
    and threads."""

    sizes: tuple
    ops: int
    live: int
    threads: int = 1


SHAPES = (
    Shape((1, 8, 24, 40, 100, 500, 3000, 20000), 1500, 300),
    Shape((16, 24, 32, 40, 48, 64, 72), 1500, 100),
    Shape((100, 400, 1000, 5000, 9000, 17000, 40000, 70000, 130000, 300000), 1000, 60),
)
# Stages map what is larger than half an arena, a megabyte.
LARGE = Shape((40, 40, 1_100_000, 1_150_000), 24, 4)
THREADED = Shape((16, 40, 100, 500, 3000, 20000), 1500, 150, threads=3)


def draw_call(draw, shape, live, new):
    """One call, and what it does to the list of live ids: its line."""
    size = draw.choice(shape.sizes)
    kind = draw.randrange(8)
    if live and (kind < 3 or len(live) > shape.live):
        return f"f {live.pop(draw.randrange(len(live)))}"
    if live and kind == 3:
        return f"r {draw.choice(live)} {size}"
    live.append(new)
    if kind == 4:
        return f"c {new} 1 {size}"
    if kind == 5 and draw.randrange(3) == 0:
        return f"m {new} {draw.choice(ALIGNS)} {size}"
    return f"a {new} {size}"


def make_trace(seed, shape):
    """The text of a .rep file; every block is freed at its end."""
    draw = random.Random(seed)
    live, calls, lines, new = [], 0, [], 0
    while calls < shape.ops:
        if shape.threads > 1 and calls % 10 == 0:
            lines.append(f"@ {draw.randrange(shape.threads)}")
        lines.append(draw_call(draw, shape, live, new))
        new += lines[-1][0] in "acm"
        calls += 1
    lines += [f"f {block}" for block in live]
    head = ["# random calls, for heap checkers", 1, new, calls + len(live), 0]
    return "\n".join(map(str, head + lines)) + "\n"


def write_traces(folder, shapes=(*SHAPES, LARGE), seed=1):
    """One trace a shape, as FOLDER/calls-N.rep; returns their paths."""
    paths = []
    for number, shape in enumerate(shapes, 1):
        paths.append(folder / f"calls-{number}.rep")
        paths[-1].write_text(make_trace(f"{seed}/{number}", shape))
    return paths


def mostly_small(sizes, steep):
    """The sizes, from small to large: of N sizes the first N ** steep times, the
    last once. What calls cost is the bytes that are written into large blocks."""
    count = len(sizes)
    return tuple(size for i, size in enumerate(sizes) for _ in range((count - i) ** steep))


def write_calls(folder, ops, most=4000, seed=2, steep=1):
    """Traces with so many operations together, none longer than most (and the
    frees at its end), the larger blocks the rarer the steeper; returns their
    paths."""
    shapes = []
    while ops > 0:
        like = SHAPES[len(shapes) % len(SHAPES)]
        sizes = mostly_small(like.sizes, steep)
        shapes.append(
            dataclasses.replace(like, sizes=sizes, ops=min(most, ops), live=40)
        )
        ops -= most
    return write_traces(folder, shapes, seed)
