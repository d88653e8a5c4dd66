"""Make another trace of the same character out of one.

A trace recorded from a program cannot be made again with another seed. So
what an allocator has to deal with is kept, and what it could recognise is not:

- sizes from 128 bytes on move by up to an eighth, all blocks of one size by
  the same distance, within a class (a quarter of a doubling) and by multiples
  of 16, as rounding must cost the same; upward and downward shifts cancel out;
- of the smaller ones, one in 16 changes within 8 bytes;
- one free in 8 frees another block of the same size instead, which then is
  freed where the first would have been;
- one free in 8 changes places with the next operation, if that is a free, and
  one in 64 of the others with the next, if that is none: how often a block is
  asked for right after another was freed is what first fit lives by;
- ids are dealt anew.

What has to stay in order does: any two operations on the same block.
"""

import collections

FIXED = 128  # bytes; sizes below stay in their granule
GRANULE = 8  # bytes
STEP = 16  # bytes by which sizes move: an allocator's alignment
SHARE = 8  # a size moves by this part of itself at most
RARE = 8  # one free in so many trades its place, or its block
RARER = 64  # one of the other operations trades its place
NUDGE = 16  # one small size in so many is changed
NEAR = 256  # births; blocks that trade their deaths are no further apart


class Op:
    """One line of a trace: letter, block (None: free(NULL)), numbers, thread.

    Every birth makes a block of its own, also where an id is given again.
    """

    __slots__ = ("letter", "block", "numbers", "thread")

    def __init__(self, letter, block, numbers, thread):
        self.letter = letter
        self.block = block
        self.numbers = numbers
        self.thread = thread

    def size(self):
        """Bytes asked for; 0 for a free."""
        if self.letter == "c":
            return self.numbers[0] * self.numbers[1]
        return self.numbers[-1] if self.numbers else 0

    def resize(self, size):
        """Ask for so many bytes; elements keep their size if they can."""
        if self.letter == "c":
            each = self.numbers[1]
            whole = each > 0 and size % each == 0
            self.numbers = [size // each, each] if whole else [1, size]
        elif self.numbers:
            self.numbers[-1] = size


class Block:
    """A block's life: the index of its birth, and how often it is named."""

    def __init__(self, birth):
        self.birth = birth
        self.ops = 0
        self.death = None  # index of its free


def read(text):
    """The weight and the ops of a .rep file of ours (not of the oldest
    layout), which is valid."""
    words = [line.partition("#")[0].split() for line in text.splitlines()]
    words = [line for line in words if line]
    ops, live, thread = [], {}, 0
    for letter, *numbers in words[4:]:
        if letter == "@":
            thread = int(numbers[0])
            continue
        name, *numbers = map(int, numbers)
        is_end = letter == "f" or (letter == "r" and numbers[0] == 0 and name in live)
        if name >= 0 and name not in live:
            live[name] = Block(len(ops))
        ops.append(Op(letter, live.get(name), numbers, thread))
        if is_end:
            live.pop(name, None)
    return int(words[0][0]), ops


def peak_payload(ops):
    """Most bytes live at once, if every call succeeds."""
    sizes, payload, peak = {}, 0, 0
    for op in ops:
        if op.block is None:
            continue
        size = op.size()
        payload += size - sizes.pop(op.block, 0)
        if op.letter != "f":
            sizes[op.block] = size
        peak = max(peak, payload)
    return peak


# --- Sizes -------------------------------------------------------------------


def class_bounds(size):
    """The class of a size: (its smallest size, its largest)."""
    doubling = 1 << (size - 1).bit_length() - 1
    quarter = doubling // 4
    low = doubling + (size - doubling - 1) // quarter * quarter
    return low + 1, low + quarter


def candidates(size):
    """What a size may become: in its class, itself only if there is no other."""
    low, high = class_bounds(size)
    reach = size // SHARE // STEP * STEP
    found = [other for other in range(size - reach, size + reach + 1, STEP)
             if low <= other <= high and other != size]
    return found or [size]


def new_sizes(ops, rng):
    """Old size -> new size of all from FIXED bytes on, the heaviest first, so
    that the lighter ones can make up for what they add or take."""
    bytes_of = collections.Counter()
    for op in ops:
        bytes_of[op.size()] += op.size()
    result, balance = {}, 0
    for size, weight in sorted(bytes_of.items(), key=lambda item: (-item[1], item[0])):
        if size < FIXED:
            continue
        choice = candidates(size)
        back = [other for other in choice if (other - size) * balance <= 0]
        result[size] = rng.pick(back or choice)
        balance += weight // size * (result[size] - size)
    return result


def move_sizes(ops, rng):
    sizes = new_sizes(ops, rng)
    for op in ops:
        size = op.size()
        if size in sizes:
            op.resize(sizes[size])
        elif op.letter in "ar" and 0 < size and rng.below(NUDGE) == 0:
            first = (size - 1) // GRANULE * GRANULE + 1
            op.resize(rng.between(first, first + GRANULE - 1))


# --- Lives -------------------------------------------------------------------


def follow_blocks(ops):
    """Bring what the blocks know of themselves up to date."""
    for index, op in enumerate(ops):
        if op.block is None:
            continue
        if op.block.ops == 0:
            op.block.birth = index
        op.block.ops += 1
        if op.letter == "f":
            op.block.death = index


def trade_deaths(ops, rng):
    """Some frees free another block of the same size, born near, by the same
    threads. A block that is resized keeps its death."""
    follow_blocks(ops)
    alike = collections.defaultdict(list)  # live blocks that could trade
    for index, op in enumerate(ops):
        block = op.block
        if block is None or block.ops != 2 or block.death is None:
            continue
        birth = ops[block.birth]
        key = birth.letter, tuple(birth.numbers), birth.thread, ops[block.death].thread
        if index == block.birth:
            alike[key].append(block)
            continue
        alike[key].remove(block)
        near = [other for other in alike[key][-NEAR:]
                if abs(other.birth - block.birth) <= NEAR]
        if near and rng.below(RARE) == 0:
            other = rng.pick(near)
            op.block, ops[other.death].block = other, block
            block.death = other.death
            alike[key].remove(other)
            alike[key].append(block)


def swap_chance(here, there):
    """One time in how many the two change places; 0: never."""
    if here.block is there.block or (here.letter == "f") != (there.letter == "f"):
        return 0
    return RARE if here.letter == "f" else RARER


def swap_neighbours(ops, rng):
    index = 0
    while index + 1 < len(ops):
        chance = swap_chance(ops[index], ops[index + 1])
        if chance and rng.below(chance) == 0:
            ops[index], ops[index + 1] = ops[index + 1], ops[index]
            index += 1
        index += 1


# --- The whole ---------------------------------------------------------------


def deal_ids(ops, rng):
    """Block -> its id, in no order."""
    blocks = list(dict.fromkeys(op.block for op in ops if op.block is not None))
    return dict(zip(blocks, rng.shuffled(range(len(blocks)))))


def render(weight, ops, ids, comments):
    """The text of a .rep file."""
    lines, thread = [], 0
    for op in ops:
        if op.thread != thread:
            lines.append(f"@ {op.thread}")
            thread = op.thread
        lines.append(" ".join(map(str, (op.letter, ids.get(op.block, -1), *op.numbers))))
    head = [*(f"# {comment}" for comment in comments), weight, len(ids), len(ops),
            peak_payload(ops)]
    return "\n".join(map(str, head + lines)) + "\n"


def perturb(text, rng, made_by):
    """Another trace like that of text, a .rep file's.

    rng: gen.py's Rng. made_by: what the file's second line says of it.
    Returns the text of the new file; its first line is that of the old.
    """
    weight, ops = read(text)
    about = text.splitlines()[0].lstrip("# ")
    move_sizes(ops, rng)
    trade_deaths(ops, rng)
    swap_neighbours(ops, rng)
    return render(weight, ops, deal_ids(ops, rng), [about, f"made by: {made_by}"])
