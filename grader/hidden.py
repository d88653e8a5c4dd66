"""Hidden traces: made from a seed, and what they say of a submission.

A submission may know the public traces by heart: their sizes, or where each
block went best. The hidden set is of the same character (traces/gen.py
--perturb), so an honest heap scores about as much on it, and one that has
learnt answers does not. See docs/hidden.md.
"""

import dataclasses
import pathlib
import subprocess
import sys

from grader import LAB
from grader.errors import GraderError

# Points that honest heaps lose at most, with room to spare: docs/hidden.md. By
# time, utilization is compared, as an honest heap's speed may fall by a third.
TRACE_GAP = 15
MEAN_GAP = 4
SECONDS = 300
WORDS = {
    "time": ("has a utilization of", "have a utilization of"),
    "instructions": ("scores", "score"),
}


@dataclasses.dataclass(frozen=True)
class Gap:
    """A trace's score or utilization, public and hidden, of 100."""

    name: str
    public: float
    hidden: float

    @property
    def points(self):
        return self.public - self.hidden


def make(seed, folder, names=()):
    """Write the hidden set of a seed into a folder; its path.

    names: of traces; without any, all. Raises GraderError.
    """
    command = [sys.executable, LAB / "traces" / "gen.py", "--perturb", "--seed", str(seed), "--out", folder, *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise GraderError(f"the hidden traces cannot be made: {done.stderr.strip()}", status=done.returncode)
    return pathlib.Path(folder)


def worth(row, metric):
    """What is compared of a result's row, of 100; None when it has no score. A
    trace that is not valid has the score 0, and no utilization."""
    if metric == "time" and row["score"]:
        return 100 * row["utilization"]
    return row["score"]


def gaps(rows, metric):
    """The Gaps of a result's traces, the largest first; those of traces that
    are not in both sets, or do not count, are left out."""
    scores = {(row["set"], row["name"]): worth(row, metric) for row in rows}
    found = [
        Gap(name, public, scores["hidden", name])
        for (kind, name), public in scores.items()
        if kind == "public" and public is not None and scores.get(("hidden", name)) is not None
    ]
    return sorted(found, key=lambda gap: -gap.points)


def remarks(rows, metric):
    """Sentences for the judge's notes, none when the two sets agree."""
    found = gaps(rows, metric)
    if not found:
        return []
    lost = sum(gap.points for gap in found) / len(found)
    far = [gap for gap in found if gap.points > TRACE_GAP]
    has, have = WORDS[metric]
    said = [
        f"{gap.name} {has} {gap.public:.1f} on the public trace and {gap.hidden:.1f} on the hidden one: "
        "does it know the public one?"
        for gap in far
    ]
    if lost > MEAN_GAP:
        said.append(f"the hidden traces {have} {lost:.1f} points less than the public ones, in the mean")
    return said
