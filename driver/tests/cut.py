#!/usr/bin/python3
"""The first operations of traces, as files: cut.py FOLDER OPS NAME...

mdriver's --until reads all of a trace to replay its beginning; what replays the
beginnings of all traces many times, or reads them under Valgrind, has them cut.
"""

import pathlib
import sys

LAB = pathlib.Path(__file__).resolve().parents[2]
HEADER = 4  # numbers: weight, ids, operations, peak payload


def first(text, ops):
    """The text of a trace with no more than its first ops operations. Its
    number of ids stays, and its peak payload becomes 0, which says nothing."""
    kept, numbers, count = [], [], 0
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] == "@":
            kept.append(line)
        elif len(numbers) < HEADER:
            numbers.append(len(kept))
            kept.append(line)
        elif count < ops:
            count += 1
            kept.append(line)
        else:
            break
    kept[numbers[2]], kept[numbers[3]] = str(count), "0"
    return "\n".join(kept) + "\n"


def find(names=("*", "threads/*")):
    """The paths of the traces in traces/ whose names match a pattern."""
    return [path for name in names for path in sorted(LAB.glob(f"traces/{name}.rep"))]


def cut(folder, ops, names=("*", "threads/*")):
    """Write the beginnings of those traces into the folder, in which they lie
    as in traces/; returns their paths."""
    made = []
    for path in find(names):
        target = pathlib.Path(folder, path.relative_to(LAB / "traces"))
        target.parent.mkdir(exist_ok=True)
        target.write_text(first(path.read_text(encoding="utf-8"), ops), encoding="utf-8")
        made.append(target)
    return made


if __name__ == "__main__":
    cut(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
