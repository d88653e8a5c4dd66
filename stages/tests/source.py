"""What the tests need to know of a stage's source.

A stage is clang-formatted, so a function is what stands between a "{" and a
"}" alone in column one, and its header is the lines right above.
"""

import collections
import pathlib
import re

STAGES = pathlib.Path(__file__).resolve().parent.parent

# line: of the file, where the body begins; code: header and body, no comments
Function = collections.namedtuple("Function", "line code")

COMMENT_OR_STRING = re.compile(
    r"""/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", re.DOTALL
)


def stages():
    """The mm.c of every stage, in order of their numbers."""
    return sorted(
        STAGES.glob("[0-9]*-*/mm.c"),
        key=lambda mm: int(mm.parent.name.split("-")[0]),
    )


def strip_comments(text):
    """The text with each comment gone, its line ends kept."""
    return COMMENT_OR_STRING.sub(
        lambda found: found[1] or "\n" * found[0].count("\n"), text
    )


def functions(text):
    """Name -> Function of each function defined."""
    found = {}
    lines = strip_comments(text).split("\n")
    for start, line in enumerate(lines):
        if line != "{":
            continue
        head = start
        while head > 0 and lines[head - 1].strip():
            head -= 1
        end = lines.index("}", start)
        code = [part for part in lines[head : end + 1] if part.strip()]
        head = re.sub(r"__attribute__\(\(.*?\)\)", "", " ".join(code))
        name = re.search(r"(\w+)\(", head).group(1)
        found[name] = Function(start + 1, "\n".join(code))
    return found


def essay(text):
    """The comment that opens the file, without its stars."""
    lines = text[:text.index("*/")].split("\n")[1:]
    return "\n".join(re.sub(r"^ \*? ?", "", line) for line in lines)


def since(text):
    """The Since note: (parent or None, {"new": names, "changed": ..., "gone":
    ...}). Raises ValueError when it cannot be read."""
    note = re.search(
        r"^Since ([\w-]+):(.*?)(?:\n\s*\n|\Z)", essay(text), re.DOTALL | re.MULTILINE
    )
    if not note:
        raise ValueError('the essay has no paragraph "Since N-name: ..."')
    parent, body = note.groups()
    names = {"new": set(), "changed": set(), "gone": set()}
    if parent == "nothing":
        return None, names
    for part in body.strip().rstrip(".").split(";"):
        words = part.replace(",", " ").split()
        if not words or words[0] not in names:
            raise ValueError(
                f'the Since note has "{part.strip()}", which begins with none '
                "of new, changed, gone"
            )
        names[words[0]].update(words[1:])
    return parent, names


def invariants(text):
    """The numbered invariants of the essay: ["I1", "I2", ...]."""
    return re.findall(r"^\s+(I\d+)  ", essay(text), re.MULTILINE)
