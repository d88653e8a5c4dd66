"""The machine that a result was measured on, and how busy it was."""

import os
import pathlib
import platform


def processor():
    """The model's name."""
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def ticks():
    """(all, stolen) ticks of all processors since the start; proc(5)."""
    fields = pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    counts = [int(field) for field in fields]
    return sum(counts), counts[7]


def quietest_cpu():
    """A processor to pin timings to: the last of those we may use, as
    interrupts like the first."""
    return max(os.sched_getaffinity(0))


class Watch:
    """Load and steal over a piece of work; a context manager.

    After it, record is the section `machine` of a result.
    """

    def __init__(self, cpu):
        self.record = {"processor": processor(), "pinned_to": cpu}

    def __enter__(self):
        self.record["load_before"] = os.getloadavg()[0]
        self.before = ticks()
        return self

    def __exit__(self, *_):
        total, stolen = (now - then for now, then in zip(ticks(), self.before))
        self.record["load_after"] = os.getloadavg()[0]
        self.record["steal"] = stolen / total if total else None
