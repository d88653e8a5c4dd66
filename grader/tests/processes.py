"""The processes of this machine, as /proc shows them."""

import contextlib
import pathlib
import time

import pytest


def processes():
    """(process, user) of all that run, as text and number; who has ended and
    waits to be asked for its status does not."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if "State:\tZ" not in (folder / "status").read_text():
                yield folder.name, folder.stat().st_uid
        except OSError:
            continue


def children(pid):
    """The processes that come of one, as pids."""
    found, unseen = set(), {pid}
    while unseen:
        parents, unseen = unseen, set()
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # gone again
                if int(status.read_text().rpartition(")")[2].split()[1]) in parents:
                    unseen.add(int(status.parent.name))
        found |= unseen
    return found


def is_alive(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def name_of(pid):
    """The program's name, "" when it has ended."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def fields(text):
    """{key: value} of a file of /proc, of lines "key: value"."""
    return {key: " ".join(value.split()) for key, _, value in (line.partition(":") for line in text.splitlines())}


def wait_for(what, seconds=30):
    """Until what() is true, and return it; the test fails when it never is."""
    for _ in range(10 * seconds):
        if found := what():
            return found
        time.sleep(0.1)
    pytest.fail(f"not within {seconds} s: {what}")
