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

import perturb

HERE = pathlib.Path(__file__).resolve().parent
KIB = 1024
MIB = 1024 * KIB
SEED = 1
PERTURBED = "traces/gen.py --perturb"  # the seed is the instructor's secret
DRAWS = 8  # of a pattern, to come near the public trace's peak payload
NEAR_ENOUGH = 0.02  # of it
TABLE_BEGIN = "<!-- The table: traces/gen.py --readme writes it. -->\n\n"
TABLE_END = "\n<!-- End of the table. -->\n"

PATTERNS = {}
THREADED = set()


def pattern(function):
    """Enter a function as a pattern; its trace has - for _ in its name."""
    PATTERNS[function.__name__.strip("_").replace("_", "-")] = function
    return function


def threaded(function):
    """Enter a function as a pattern of threads; its trace is in threads/."""
    THREADED.add(function.__name__.replace("_", "-"))
    return pattern(function)


class Rng:
    """Random numbers that are the same on every Python.

    Only random.Random.random() is drawn from: Python promises its sequence
    for a seed, but not that of randrange, choice or shuffle. What is made of
    it is integer arithmetic, which no mathematics library rounds.
    """

    def __init__(self, seed, varies=False):
        self._random = random.Random(seed).random
        self._varies = varies  # for a hidden trace

    def near(self, size):
        """The size of a pattern's fixed blocks: as given, but in a hidden
        trace a little less, so that it fits where the given one does."""
        return size * self.between(29, 31) // 32 if self._varies else size

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
        self.ops = 0
        self.thread = 0  # of the calls to come
        self._thread_told = 0
        self.ids = 0
        self.sizes = {}  # of the live blocks, in the order of their birth
        self.payload = 0
        self.peak = 0

    def _call(self, *words):
        if self.thread != self._thread_told:
            self.lines.append(f"@ {self.thread}")
            self._thread_told = self.thread
        self.lines.append(" ".join(map(str, words)))
        self.ops += 1

    def _give(self, block, size):
        self.payload += size - self.sizes.get(block, 0)
        self.peak = max(self.peak, self.payload)
        self.sizes[block] = size
        return block

    def _new(self, letter, *numbers):
        block = self.ids
        self.ids += 1
        self._call(letter, block, *numbers)
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
        self._call("r", block, size)
        self._give(block, size)
        if size == 0:
            del self.sizes[block]

    def free(self, block):
        self._call("f", block)
        self.payload -= self.sizes.pop(block)

    def free_null(self):
        self._call("f", -1)

    def free_all(self, blocks=None):
        """Free the blocks in order; without any, all live ones."""
        for block in list(self.sizes) if blocks is None else blocks:
            self.free(block)

    def text(self, about, made_by):
        """The whole file: two comments, the header, the calls."""
        head = [f"# {about}", f"# made by: {made_by}", 1, self.ids,
                self.ops, self.peak]
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
def binary(t, rng):
    """small and large blocks in turn; the large freed, larger ones asked for

    Each request is larger than the holes by just the small block that keeps
    them apart. First fit walks over all of them and extends the heap; only
    keeping small and large blocks apart from the start avoids the loss.
    """
    for small in map(rng.near, (16, 32, 64, 128, 256)):
        large = 4 * small
        pairs = [(t.malloc(small), t.malloc(large)) for _ in range(1000)]
        t.free_all(block for _, block in pairs)
        for _ in pairs:
            t.malloc(large + small)
        t.free_all()


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
def realloc_step(t, rng):
    """one block grows step by step while small ones settle behind it

    Growing in place is possible only until a neighbour arrives; a realloc that
    moves to just the size asked for moves again at each step.
    """
    for step, steps in ((16, 900), (64, 600), (512, 200)):
        step = rng.near(step)
        for lifetime in (2, steps):
            size = step
            block = t.malloc(size)
            others = []
            for _ in range(steps):
                size += step
                t.realloc(block, size)
                others.append(t.malloc(rng.between(24, 48)))
                if len(others) > lifetime:
                    t.free(others.pop(0))
            t.free(block)
            t.free_all(others)


@pattern
def realloc_vectors(t, rng):
    """arrays that double as they fill, then shrink to what they hold

    Twelve arrays grow in turn, elements of their own are allocated in between,
    and old arrays are dropped: what std::vector and every interpreter's list
    do all day.
    """
    for _ in range(60):
        arrays = {t.realloc_null(16): 16 for _ in range(12)}
        grown = []
        while arrays:
            block = rng.pick(list(arrays))
            arrays[block] *= 2
            t.realloc(block, arrays[block])
            for _ in range(rng.below(6)):
                t.malloc(rng.between(8, 40))
            if arrays[block] >= 64 * KIB or rng.below(10) == 0:
                capacity = arrays.pop(block)
                t.realloc(block, rng.between(capacity // 2 + 1, capacity))
                grown.append(block)
        t.free_all(rng.shuffled(grown))
        elements = list(t.sizes)
        t.free_all(elements[:len(elements) * 3 // 4])
    t.free_all()


@pattern
def lifo(t, rng):
    """the last block given is the first freed: a stack that grows and shrinks

    An allocator that reuses the block freed last, or gives the top of the heap
    back, needs next to nothing here.
    """
    stack = []
    while t.ids < 15000:
        for _ in range(rng.between(1, 400)):
            if len(stack) < 2000:
                stack.append(t.malloc(rng.octave(8, 2 * KIB)))
        for _ in range(rng.between(1, 400)):
            if stack:
                t.free(stack.pop())
    t.free_all(reversed(stack))


@pattern
def fifo(t, rng):
    """the first block given is the first freed: a queue of messages

    The blocks that die lie beside each other, so merged they are one hole that
    moves through the heap; without merging they are as many pieces of sizes
    that seldom suit.
    """
    queue = []
    while t.ids < 15000:
        queue.append(t.malloc(rng.octave(16, 2 * KIB)))
        while len(queue) > rng.between(700, 1300):
            t.free(queue.pop(0))
    t.free_all(queue)


@pattern
def random_lifetime(t, rng):
    """most blocks die young, a few live on, each lifetime doubling as likely

    The long-lived ones end up scattered among the short-lived ones and keep
    the free memory between them from becoming one piece.
    """
    deaths = {}
    for now in range(16000):
        block = t.malloc(rng.octave(16, 2 * KIB))
        deaths.setdefault(now + rng.octave(1, 8 * KIB), []).append(block)
        t.free_all(deaths.pop(now, []))
    for now in sorted(deaths):
        t.free_all(deaths[now])


@pattern
def comb(t, rng):
    """every second block freed, then sizes asked for that just do not fit

    The worst kind of fragmentation: half the heap is free and none of it can
    be used. The teeth stay, round after round, with larger blocks each time;
    at the end they go too, and large blocks show whether all was merged.
    """
    for size in map(rng.near, (32, 64, 128, 256, 512, 1024)):
        row = [t.malloc(size) for _ in range(1000)]
        t.free_all(row[::2])
        for _ in row[::2]:
            t.malloc(size + 24)
    t.free_all(rng.shuffled(t.sizes))
    for _ in range(200):
        t.malloc(8 * KIB)
    t.free_all()


@pattern
def single_size(t, rng):
    """40 bytes only, freed and asked for again in random order

    Nothing can fragment and every free block fits: what is left to see is the
    overhead of a block and the length of the fast path.
    """
    size = rng.near(40)
    live = [t.malloc(size) for _ in range(6000)]
    for _ in range(12000):
        t.free(rng.take(live))
        live.append(t.malloc(size))
    t.free_all(rng.shuffled(live))


@pattern
def mixed_sizes(t, rng):
    """sizes as programs have them: a few small ones by far the most frequent

    Nodes of fixed sizes, strings of any length, some buffers, and one request
    in 25 is a realloc.
    """
    nodes = {16: 20, 24: 22, 32: 18, 40: 9, 48: 9, 64: 6, 72: 5, 96: 4,
             128: 3, 256: 2, 1024: 1, 4096: 1}
    kinds = {"node": 70, "string": 25, "buffer": 1, "realloc": 4}
    live = []
    while t.ids < 18000:
        kind = rng.weighted(kinds)
        if kind == "realloc" and live:
            t.realloc(rng.pick(live), rng.between(1, 200))
        elif kind == "node":
            live.append(t.malloc(rng.weighted(nodes)))
        elif kind == "string":
            live.append(t.malloc(rng.between(2, 64)))
        elif kind == "buffer":
            live.append(t.malloc(rng.octave(512, 16 * KIB)))
        while len(live) > rng.between(2500, 3500):
            t.free(rng.take(live))
    t.free_all(rng.shuffled(live))


@pattern
def bulk(t, rng):
    """many blocks built up, then all dropped, oldest first, six times over

    A compiler's function, a server's request: after each round the heap should
    be one piece again, ready for the other sizes of the next.
    """
    for low, high in ((16, 64), (100, 300), (8, 32), (400, 600), (16, 900),
                      (24, 48)):
        t.free_all([t.malloc(rng.between(low, high)) for _ in range(2500)])


@pattern
def reverse_free(t, rng):
    """many blocks built up, then freed from the newest to the oldest

    Each freed block has a free neighbour above it, so a merge that looks in
    one direction only shows here or in bulk.
    """
    for low, high in ((24, 48), (16, 900), (400, 600), (8, 32), (100, 300)):
        blocks = [t.malloc(rng.between(low, high)) for _ in range(2500)]
        t.free_all(reversed(blocks))


@pattern
def phases(t, rng):
    """the heap grows, shrinks to a tenth, and grows again with other sizes

    The survivors of each phase lie scattered through the memory that the next
    one would like to have in larger, or smaller, pieces.
    """
    for low, high in ((16, 48), (500, 700), (40, 120), (1000, 3000), (16, 64),
                      (200, 400)):
        blocks = [t.malloc(rng.between(low, high)) for _ in range(2200)]
        blocks = rng.shuffled(blocks)
        t.free_all(blocks[:len(blocks) * 9 // 10])
    t.free_all(rng.shuffled(t.sizes))


@pattern
def calloc_reuse(t, rng):
    """calloc where other blocks have been: every byte must be 0 again

    The driver fills each block it gets, so what calloc takes over is dirty:
    one freed block, or several merged ones with their old headers and links.
    """
    live = []
    while t.ids < 20000:
        size = rng.octave(8, 8 * KIB)
        dirty = [t.malloc(size) for _ in range(rng.between(1, 3))]
        t.free_all(rng.shuffled(dirty))
        count = rng.pick((1, 2, 3, 4, 8, 16))
        live.append(t.calloc(count, -(-len(dirty) * size // count)))
        while len(live) > rng.between(200, 500):
            t.free(rng.take(live))
    t.free_all(rng.shuffled(live))


@pattern
def alignment(t, rng):
    """memalign of 32 B to 64 KiB among other blocks, then realloc and free

    The bytes in front of an aligned block should not be lost, and its header
    must be found again by whoever frees or resizes it. As in programs, cache
    lines and vectors are frequent, pages rare, and what asks for 64 KiB
    alignment is itself large.
    """
    aligns = {32: 30, 64: 40, 128: 8, 256: 8, 512: 6, 4 * KIB: 6, 64 * KIB: 2}
    live = []
    while t.ids < 12000:
        live.append(t.malloc(rng.octave(8, 1 * KIB)))
        align = rng.weighted(aligns)
        size = rng.octave(32, 1 * KIB) + (align if align >= 4 * KIB else 0)
        live.append(t.memalign(align, size))
        if rng.below(4) == 0:
            t.realloc(live[-1], rng.between(size // 2, 2 * size))
        while len(live) > rng.between(300, 700):
            t.free(rng.take(live))
    t.free_all(rng.shuffled(live))


@pattern
def large_blocks(t, rng):
    """few blocks of 64 KiB to 4 MiB, resized now and then

    Many allocators map the largest of these apart from the heap and give them
    back at once. Those that do not must keep the small blocks, one with each
    large one, from settling in the middle of a large hole.
    """
    live = []
    for _ in range(280):
        live.append(t.malloc(rng.octave(64 * KIB, 4 * MIB)))
        t.malloc(rng.between(16, 200))
        if rng.below(3) == 0:
            t.realloc(rng.pick(live), rng.octave(64 * KIB, 2 * MIB))
        while len(live) > rng.between(4, 10):
            t.free(rng.take(live))
    t.free_all(rng.shuffled(t.sizes))


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


# --- The patterns of threads --------------------------------------------------

# An operation waits for the one before it on its block, and for no other. So
# that a thread does not run far ahead of those it works for, it now and then
# frees a small block that they allocate when they have done their part.

RUN = (8, 48)  # operations of a thread before it is the next one's turn


def batch(t, rng):
    """Some messages: most of them short, one in 20 of up to 16 KiB."""
    ranges = {(16, 512): 19, (1 * KIB, 16 * KIB): 1}
    return [t.malloc(rng.octave(*rng.weighted(ranges)))
            for _ in range(rng.between(*RUN))]


@threaded
def private(t, rng):
    """eight threads that never touch each other's blocks

    Nothing is shared but the allocator, so whatever a thread waits for is the
    allocator's doing. Two threads on two processors should take the time of
    one.
    """
    nodes = {16: 20, 32: 25, 48: 15, 64: 10, 128: 6, 512: 2, 4096: 1}
    lives = [[] for _ in range(8)]
    while t.ops < 20000:
        t.thread = rng.below(8)
        live = lives[t.thread]
        for _ in range(rng.between(*RUN)):
            if rng.below(400) < len(live):
                t.free(rng.take(live))
            elif live and rng.below(16) == 0:
                t.realloc(rng.pick(live), rng.octave(16, 1 * KIB))
            else:
                live.append(t.malloc(rng.weighted(nodes)))
    for t.thread, live in enumerate(lives):
        t.free_all(rng.shuffled(live))


@threaded
def message_queue(t, rng):
    """one thread allocates messages, another frees them

    The consumer's frees pile up where the producer does not look: a cache a
    thread that never gives any back grows by every message sent.
    """
    queue = []
    receipts = []
    while t.ops < 20000:
        t.thread = 0
        if len(receipts) > 8:
            t.free(receipts.pop(0))
        queue.append(batch(t, rng))
        t.thread = 1
        if len(queue) > 24:
            t.free_all(queue.pop(0))
            receipts.append(t.malloc(24))
    t.free_all(block for blocks in queue for block in blocks)
    t.thread = 0
    t.free_all(receipts)


@threaded
def message_queues(t, rng):
    """four threads allocate messages, four others free them, whose ever

    Each consumer frees blocks of all producers, a run from one and then a run
    from another; the messages have all sizes.
    """
    queue = []  # of a producer's number and what it sent
    receipts = [[] for _ in range(4)]
    while t.ops < 20000:
        producer = t.thread = rng.below(4)
        if len(receipts[producer]) > 4:
            t.free(receipts[producer].pop(0))
        queue.append((producer, batch(t, rng)))
        t.thread = 4 + rng.below(4)
        if len(queue) > 64:
            producer, blocks = rng.take(queue)
            t.free_all(rng.shuffled(blocks))
            receipts[producer].append(t.malloc(24))
    for t.thread, blocks in enumerate(receipts):
        t.free_all(blocks)
    for _, blocks in queue:
        t.thread = 4 + rng.below(4)
        t.free_all(blocks)


@threaded
def larson(t, rng):
    """a server's objects, handed round: from thread to thread, and inherited

    Each of eight threads replaces random slots of its part of a table, and one
    time in 64 a slot of another's. Five times all of them end, and new threads
    inherit the parts with what lies in them.

    After Larson and Krishnan, "Memory allocation for long-running server
    applications", ISMM 1998.
    """
    parts = [[] for _ in range(8)]
    t.thread = 8 * 5
    for part in parts:
        part += [t.malloc(rng.octave(16, 1 * KIB)) for _ in range(150)]
    for generation in range(5):
        for turn in range(8 * 7):
            t.thread = 8 * generation + turn % 8
            for _ in range(rng.between(16, 56)):
                is_far = rng.below(64) == 0
                part = parts[rng.below(8) if is_far else turn % 8]
                t.free(rng.take(part))
                part.append(t.malloc(rng.octave(16, 1 * KIB)))
    t.thread = 8 * 5
    t.free_all(rng.shuffled(t.sizes))


@threaded
def free_at_once(t, rng):
    """one thread allocates all, then seven others free it at the same time

    The blocks lie side by side, so the threads that free them meet in the same
    places, again and again. The owner goes on when all have done.
    """
    for low, high in ((16, 64), (200, 600), (16, 900), (32, 32), (24, 5000)):
        t.thread = 0
        blocks = [t.malloc(rng.between(low, high)) for _ in range(2000)]
        shares = [blocks[first::7] for first in range(7)]
        receipts = []
        while any(shares):
            t.thread = rng.pick([i for i in range(7) if shares[i]]) + 1
            share = shares[t.thread - 1]
            run = rng.between(*RUN)
            t.free_all(share[:run])
            del share[:run]
            if not share:
                receipts.append(t.malloc(16))
        t.thread = 0
        t.free_all(receipts)


@threaded
def assembly_line(t, rng):
    """four threads in a row: each resizes the block and hands it to the next

    A block is born in one thread, grown in place or moved by two others and
    freed by the fourth. Its bytes must survive all of it.
    """
    lines = [[] for _ in range(4)]  # what waits for each thread; for 0 receipts
    while t.ops < 20000:
        t.thread = 0
        if len(lines[0]) > 4:
            t.free(lines[0].pop(0))
        lines[1].append([raw_part(t, rng) for _ in range(rng.between(*RUN))])
        for t.thread in (1, 2):
            if len(lines[t.thread]) > 8:
                parts = lines[t.thread].pop(0)
                for part in parts:
                    t.realloc(part, rng.octave(16, 4 * KIB))
                lines[t.thread + 1].append(parts)
        t.thread = 3
        if len(lines[3]) > 8:
            t.free_all(rng.shuffled(lines[3].pop(0)))
            lines[0].append(t.malloc(24))
    t.thread = 3
    t.free_all()


def raw_part(t, rng):
    """A block of any of the three kinds."""
    size = rng.octave(16, 1 * KIB)
    kind = rng.weighted({"malloc": 5, "calloc": 2, "memalign": 1})
    return (t.calloc(4, size // 4) if kind == "calloc" else
            t.memalign(64, size) if kind == "memalign" else t.malloc(size))


@threaded
def thread_churn(t, rng):
    """200 threads, a few at a time, each gone after a hundred operations

    The first thread hands each an argument and takes its result. What a thread
    kept for itself, a cache for one, has to come back when it ends, 200 times
    over.
    """
    workers = []  # [number, argument, its live blocks, turns left]
    born = 0
    while born < 200 or workers:
        if born < 200 and len(workers) < 8:
            t.thread = 0
            born += 1
            argument = t.malloc(rng.between(40, 80))
            workers.append([born, argument, [], rng.between(2, 3)])
        worker = rng.pick(workers)
        t.thread, _, live, _ = worker
        churn_turn(t, rng, worker)
        worker[3] -= 1
        if worker[3] == 0:
            workers.remove(worker)
            result = t.malloc(rng.octave(16, 1 * KIB))
            t.free_all(rng.shuffled(live))
            t.thread = 0
            t.free(result)


def churn_turn(t, rng, worker):
    """Some operations of a short-lived thread; in the first, its argument."""
    _, argument, live, _ = worker
    if argument is not None:
        t.free(argument)
        worker[1] = None
    for _ in range(rng.between(*RUN)):
        if rng.below(60) < len(live):
            t.free(rng.take(live))
        else:
            live.append(t.malloc(rng.octave(16, 2 * KIB)))


# --- Files -------------------------------------------------------------------


def path_of(name, folder):
    """Where a pattern's file lies in the folder of all traces."""
    return folder / ("threads" if name in THREADED else "") / f"{name}.rep"


def trace_paths():
    """All traces beside gen.py, those of threads last."""
    return sorted(HERE.glob("*.rep")) + sorted(HERE.glob("threads/*.rep"))


def about(name):
    return PATTERNS[name].__doc__.splitlines()[0]


def make(name, seed):
    """The text of a pattern's file."""
    trace = Trace()
    PATTERNS[name](trace, Rng(f"{name}/{seed}"))
    option = "" if seed == SEED else f"--seed {seed} "
    return trace.text(about(name), f"traces/gen.py {option}{name}")


def make_varied(name, seed, peak):
    """The text of a hidden trace of a pattern: of a few, the one whose peak
    payload is nearest to peak, in bytes."""
    best = None
    for attempt in range(DRAWS):
        trace = Trace()
        PATTERNS[name](trace, Rng(f"{name}/{seed}/hidden/{attempt}", varies=True))
        if best is None or abs(trace.peak - peak) < abs(best.peak - peak):
            best = trace
        if abs(best.peak - peak) <= NEAR_ENOUGH * peak:
            break
    return best.text(about(name), PERTURBED)


def make_hidden(path, seed):
    """The text of a hidden trace like the one at path: its pattern's with
    another seed; what was recorded, perturbed."""
    text = path.read_text(encoding="ascii")
    if path == path_of(path.stem, HERE) and path.stem in PATTERNS:
        return make_varied(path.stem, seed, Figures(path).peak)
    return perturb.perturb(text, Rng(f"{path.stem}/{seed}/hidden"), PERTURBED)


def write_hidden(names, seed, folder):
    """A hidden trace for each of these traces beside gen.py, or for all."""
    for path in trace_paths():
        if names and path.stem not in names:
            continue
        hidden = folder / path.relative_to(HERE)
        hidden.parent.mkdir(parents=True, exist_ok=True)
        hidden.write_bytes(make_hidden(path, seed).encode("ascii"))
    return 0


def write(names, seed, folder):
    for name in names:
        path = path_of(name, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make(name, seed).encode("ascii"))
    return 0


# --- The table ---------------------------------------------------------------


class Figures:
    """What the table says of a file: all of it read from the file."""

    def __init__(self, path):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        comments = [line.lstrip("# ") for line in lines[:2]
                    if line.startswith("#")] + ["", ""]
        folder = path.resolve().parent.name
        self.name = ("threads/" if folder == "threads" else "") + path.stem
        self.about = comments[0]
        self.made_by = comments[1].partition("made by: ")[2]
        words = [line.partition("#")[0].split() for line in lines]
        ops = [line for line in words if line and line[0] in list("acfmr")]
        self.ops = len(ops)
        self.threads = self._count_threads(words)
        self.ids = len({line[1] for line in ops} - {"-1"})
        self.peak = self.blocks = self.requests = 0
        self._follow(ops)

    @staticmethod
    def _count_threads(words):
        """Threads that have an operation; 0 before the first @ line."""
        thread = "0"
        seen = set()
        for line in words:
            if line and line[0] == "@":
                thread = line[1]
            elif line and line[0] in list("acfmr"):
                seen.add(thread)
        return len(seen)

    def _follow(self, ops):
        """Count what the ops, lists of words, do if every call succeeds."""
        sizes = {}
        payload = 0
        for letter, block, *numbers in ops:
            size = int(numbers[-1]) if numbers else 0
            if letter == "c":
                size *= int(numbers[0])
            self.requests += size
            is_live = block in sizes
            payload += size - sizes.pop(block, 0)
            if letter in "acm" or (letter == "r" and (size or not is_live)):
                sizes[block] = size
            self.peak = max(self.peak, payload)
            self.blocks = max(self.blocks, len(sizes))

    def row(self):
        ticks = "``" if "`" in self.made_by else "`"
        cells = (self.name, self.threads, self.ops, self.ids, self.peak,
                 self.blocks, self.requests, self.about, f"{ticks}{self.made_by}{ticks}")
        return row(str(cell).replace("|", "\\|") for cell in cells)


def row(cells):
    return f"| {' | '.join(cells)} |\n"


def table(paths):
    """The Markdown table of the files, in their order."""
    head = row(("trace", "threads", "operations", "ids", "peak payload", "live blocks",
                "requests", "what it tests", "made by"))
    rule = "|---|---:|---:|---:|---:|---:|---:|---|---|\n"
    return head + rule + "".join(Figures(path).row() for path in paths)


def readme_parts():
    """README.md in three: up to the table, the table, and what follows."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    head, begin, rest = text.partition(TABLE_BEGIN)
    old, end, tail = rest.partition(TABLE_END)
    if not end:
        sys.exit(f"{HERE / 'README.md'}: no table; expected the two lines\n"
                 f"{TABLE_BEGIN}{TABLE_END}")
    return head + begin, old, end + tail


def write_readme():
    head, _, tail = readme_parts()
    text = head + table(trace_paths()) + tail
    (HERE / "README.md").write_bytes(text.encode("utf-8"))
    return 0


# --- The check ---------------------------------------------------------------


def first_difference(found, expected):
    """Number and text of the first line that differs, for a message."""
    pairs = zip(found + ["(nothing)\n"], expected + ["(nothing)\n"])
    for number, (ours, theirs) in enumerate(pairs, start=1):
        if ours != theirs:
            return number, ours.strip(), theirs.strip()
    return len(found), "", ""


def check_file(name):
    """Complaint about a pattern's file in this folder, or None."""
    path = path_of(name, HERE)
    if not path.exists():
        return f"{path}: is missing; make it with: traces/gen.py {name}"
    found = path.read_bytes().decode("utf-8", "replace")
    expected = make(name, SEED)
    if found == expected:
        return None
    number, ours, theirs = first_difference(found.splitlines(True),
                                            expected.splitlines(True))
    return (f"{path}:{number}: '{ours}', expected '{theirs}'; make it again "
            f"with: traces/gen.py {name}")


def check_stray(path):
    """Complaint about a file that says gen.py made it, but no pattern does."""
    if (path == path_of(path.stem, HERE) and path.stem in PATTERNS
            or "traces/gen.py" not in Figures(path).made_by):
        return None
    return f"{path}: no pattern makes it; expected one, or no such file"


def check():
    """Hold the files in this folder, and the README's table, to the code."""
    complaints = [check_file(name) for name in PATTERNS]
    paths = trace_paths()
    complaints += [check_stray(path) for path in paths]
    if readme_parts()[1] != table(paths):
        complaints.append(f"{HERE / 'README.md'}: the table is not that of "
                          "the files; write it with: traces/gen.py --readme")
    complaints = [each for each in complaints if each]
    for each in complaints:
        print(each, file=sys.stderr)
    return 1 if complaints else 0


# --- The command line --------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  traces/gen.py                        make all synthetic traces in traces/
  traces/gen.py --seed 7 --out /tmp/my random lifo
                                       make two others of the same character
  traces/gen.py --seed 2718281828 --perturb --out /tmp/hidden
                                       make a hidden set, like the public one
  traces/gen.py --list                 print the names and what each tests
  traces/gen.py --table traces/*.rep traces/threads/*.rep
                                       print the table of README.md
  traces/gen.py --check                are files and table up to date?""")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="traces to make (default: all)")
    parser.add_argument("--seed", default=SEED, type=int,
                        help="another number makes other traces "
                        "(default: %(default)s)")
    parser.add_argument("--out", default=HERE, type=pathlib.Path,
                        metavar="DIR",
                        help="where to put them (default: beside gen.py)")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--perturb", action="store_true",
                        help="make a trace like each one beside gen.py, the "
                        "recorded ones too; needs --seed, which nobody must "
                        "guess, and --out")
    action.add_argument("--list", action="store_true",
                        help="print the names and what each tests")
    action.add_argument("--table", nargs="+", type=pathlib.Path,
                        metavar="FILE", help="print the files' table")
    action.add_argument("--readme", action="store_true",
                        help="write the table of all files into README.md")
    action.add_argument("--check", action="store_true",
                        help="verify that the files beside gen.py are those "
                        "of the default seed, and README.md's table theirs")
    options = parser.parse_args()
    known = {path.stem for path in trace_paths()} if options.perturb else PATTERNS
    for name in options.names:
        if name not in known:
            parser.error(f"no trace '{name}'; there are: {' '.join(sorted(known))}")
    if options.perturb and (options.seed == SEED or options.out.resolve() == HERE):
        parser.error(f"--perturb needs --seed S, another than the public {SEED}, "
                     "and --out DIR, not beside gen.py")
    return options


def main():
    options = arguments()
    if options.list:
        for name in sorted(PATTERNS):
            print(f"{name:20} {about(name)}")
        return 0
    if options.table:
        print(table(options.table), end="")
        return 0
    if options.readme:
        return write_readme()
    if options.check:
        return check()
    if options.perturb:
        return write_hidden(options.names, options.seed, options.out)
    return write(options.names or list(PATTERNS), options.seed, options.out)


if __name__ == "__main__":
    sys.exit(main())
