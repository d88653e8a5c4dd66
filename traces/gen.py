#!/usr/bin/python3
"""Make the synthetic traces, and the table of all traces.

Each pattern is a function that makes calls on a Trace. The first line of its
docstring is the first line of the file; the rest says why it is worth a trace.
The format is described in README.md.
"""

import argparse
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
KIB = 1024
MIB = 1024 * KIB
SEED = 1
TABLE_BEGIN = "<!-- The table: traces/gen.py --readme writes it. -->\n"
TABLE_END = "<!-- End of the table. -->\n"

PATTERNS = {}


def pattern(function):
    """Enter a function as a pattern; its trace has - for _ in its name."""
    PATTERNS[function.__name__.strip("_").replace("_", "-")] = function
    return function


class Rng:
    """Random numbers that are the same on every Python.

    Only random.Random.random() is drawn from: Python promises its sequence
    for a seed, but not that of randrange, choice or shuffle. What is made of
    it is integer arithmetic, which no mathematics library rounds.
    """

    def __init__(self, seed):
        self._random = random.Random(seed).random

    def below(self, count):
        """An integer from 0 to count - 1."""
        return int(self._random() * count)

    def between(self, low, high):
        """An integer from low to high."""
        return low + self.below(high - low + 1)

    def octave(self, low, high):
        """A size from low to high - 1, each doubling as likely as the next.

        low and high are powers of two.
        """
        base = low << self.below(high.bit_length() - low.bit_length())
        return base + self.below(base)

    def pick(self, items):
        return items[self.below(len(items))]

    def weighted(self, weights):
        """A key of the dict, as often as its integer value says."""
        rest = self.below(sum(weights.values()))
        for key, weight in weights.items():
            rest -= weight
            if rest < 0:
                return key
        raise AssertionError("unreachable")

    def take(self, items):
        """Remove an item from a list; the last one takes its place."""
        i = self.below(len(items))
        items[i], items[-1] = items[-1], items[i]
        return items.pop()

    def shuffled(self, items):
        items = list(items)
        return [self.take(items) for _ in range(len(items))]


class Trace:
    """The calls so far, with what is live. Every block has an id of its own."""

    def __init__(self):
        self.lines = []
        self.ids = 0
        self.sizes = {}  # of the live blocks, in the order of their birth
        self.payload = 0
        self.peak = 0

    def _give(self, block, size):
        self.payload += size - self.sizes.get(block, 0)
        self.peak = max(self.peak, self.payload)
        self.sizes[block] = size
        return block

    def _new(self, letter, *numbers):
        block = self.ids
        self.ids += 1
        self.lines.append(" ".join(map(str, (letter, block) + numbers)))
        return block

    def malloc(self, size):
        return self._give(self._new("a", size), size)

    def calloc(self, count, size):
        return self._give(self._new("c", count, size), count * size)

    def memalign(self, align, size):
        return self._give(self._new("m", align, size), size)

    def realloc_null(self, size):
        return self._give(self._new("r", size), size)

    def realloc(self, block, size):
        """Resize a live block; 0 bytes frees it."""
        self.lines.append(f"r {block} {size}")
        self._give(block, size)
        if size == 0:
            del self.sizes[block]

    def free(self, block):
        self.lines.append(f"f {block}")
        self.payload -= self.sizes.pop(block)

    def free_null(self):
        self.lines.append("f -1")

    def free_all(self, blocks=None):
        """Free the blocks in order; without any, all live ones."""
        for block in list(self.sizes) if blocks is None else blocks:
            self.free(block)

    def text(self, about, made_by):
        """The whole file: two comments, the header, the calls."""
        head = [f"# {about}", f"# made by: {made_by}", 1, self.ids,
                len(self.lines), self.peak]
        return "\n".join(map(str, head + self.lines)) + "\n"


# --- The patterns ------------------------------------------------------------


@pattern
def random_(t, rng):
    """sizes from 1 B to 32 KiB, each doubling as likely, freed at random

    Small and large blocks lie beside each other, so the free memory falls into
    pieces of all sizes. There is no structure to exploit.
    """
    live = []
    for _ in range(16000):
        while len(live) > rng.between(600, 1200):
            t.free(rng.take(live))
        live.append(t.malloc(rng.octave(1, 32 * KIB)))
    t.free_all(rng.shuffled(live))


@pattern
def coalescing(t, rng):
    """three neighbours freed in each order, then their sum asked for

    The sum fits where they were only if the three became one block: merging
    has to work to the left, to the right and to both sides. A small block
    pinned between the groups keeps one group from helping another.
    """
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    groups = []
    for i in range(3000):
        size = rng.octave(64, 2 * KIB)
        groups.append((size, [t.malloc(size) for _ in range(3)], t.malloc(24)))
        if len(groups) < 200:
            continue
        size, members, pin = rng.take(groups)
        for member in orders[i % len(orders)]:
            t.free(members[member])
        t.free(t.malloc(3 * size))
        t.free(pin)
    t.free_all()


@pattern
def edge_cases(t, rng):
    """sizes at every border: 0, 1 to 1100, powers of two, up to 2 MiB

    malloc(0), free(NULL), realloc(NULL, n), realloc(p, 0), realloc by a byte
    up and down, calloc of many shapes: calls that are legal, rare in recorded
    programs, and wrong in many an allocator.
    """
    for _ in range(3):
        t.free_null()
        zero = [t.malloc(0), t.calloc(0, 8), t.calloc(8, 0), t.realloc_null(0)]
        t.free_all(rng.shuffled(zero))
    for size in range(1, 1101):
        block = t.malloc(size)
        t.realloc(block, size + 1)
        t.realloc(block, max(size - 1, 1))
        if size % 3:
            t.realloc(block, 0)
    t.free_all(rng.shuffled(t.sizes))
    edge_powers(t, rng)
    edge_callocs(t, rng)
    t.free_all()
    t.free_null()


def edge_powers(t, rng):
    """Powers of two and their neighbours, resized over all of them."""
    powers = [(1 << k) + d for k in range(3, 22) for d in (-1, 0, 1)]
    for size in rng.shuffled(powers):
        t.free(t.malloc(size))
    for small, large in zip(powers, powers[9:]):
        block = t.realloc_null(small)
        t.realloc(block, large)
        t.realloc(block, small)
        if large >= 64 * KIB:
            t.realloc(block, 0)
    t.free_all(rng.shuffled(t.sizes))


def edge_callocs(t, rng):
    """Callocs of one size in all shapes, where other blocks have been."""
    for bytes_ in (1, 16, 24, 360, 4096, 65536):
        counts = [n for n in range(1, bytes_ + 1) if bytes_ % n == 0]
        for count in rng.shuffled(counts):
            keep = t.malloc(bytes_ + 8)
            t.free(t.malloc(bytes_))
            t.free(t.calloc(count, bytes_ // count))
            t.free(keep)


# --- Files -------------------------------------------------------------------


def about(name):
    return PATTERNS[name].__doc__.splitlines()[0]


def make(name, seed):
    """The text of a pattern's file."""
    trace = Trace()
    PATTERNS[name](trace, Rng(f"{name}/{seed}"))
    option = "" if seed == SEED else f"--seed {seed} "
    return trace.text(about(name), f"traces/gen.py {option}{name}")


def write(names, seed, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.rep").write_text(make(name, seed), encoding="ascii")
    return 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  traces/gen.py                          make all traces in traces/ again
  traces/gen.py --list                   what there is
  traces/gen.py --seed 7 --out /tmp/my random lifo
                                         two others of the same character""")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="traces to make (all)")
    parser.add_argument("--seed", default=SEED, type=int,
                        help="another seed makes other traces (%(default)s)")
    parser.add_argument("--out", default=HERE, type=pathlib.Path,
                        metavar="DIR", help="where to put them (traces/)")
    parser.add_argument("--list", action="store_true",
                        help="print the names and what each tests")
    options = parser.parse_args()
    for name in options.names:
        if name not in PATTERNS:
            parser.error(f"no trace '{name}'; there are {' '.join(PATTERNS)}")
    return options


def main():
    options = arguments()
    names = options.names or list(PATTERNS)
    if options.list:
        for name in names:
            print(f"{name:16} {about(name)}")
        return 0
    return write(names, options.seed, options.out)


if __name__ == "__main__":
    sys.exit(main())
