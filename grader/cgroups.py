"""Limits on all processes of a box together, where the system grants them.

Version 2 of control groups is tried first, then version 1; on many machines a
user may use neither, and then the limits by process (see sandbox.py) must do.

Source: cgroups(7).
"""

import contextlib
import os
import pathlib
import time

MOUNTS = "/proc/self/mounts"
MEMBERSHIPS = "/proc/self/cgroup"


def write(path, value):
    path.write_text(str(value), encoding="ascii")


def own_groups():
    """{controllers: path} of this process; the key "" is version 2's."""
    groups = {}
    for line in pathlib.Path(MEMBERSHIPS).read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        groups[controllers] = path
    return groups


def mounts():
    """(mount point, type, options) of every mounted hierarchy."""
    for line in pathlib.Path(MOUNTS).read_text(encoding="utf-8").splitlines():
        _, point, kind, options = line.split()[:4]
        if kind.startswith("cgroup"):
            yield pathlib.Path(point), kind, options.split(",")


def parents():
    """(version, {controller: folder in which to make a group}), best first."""
    groups = own_groups()
    first = {}
    for point, kind, options in mounts():
        if kind == "cgroup2":
            folder = point / groups.get("", "/").lstrip("/")
            yield "v2", {"memory": folder, "pids": folder}
            continue
        for controller in ("memory", "pids"):
            if controller in options:
                path = next((p for c, p in groups.items() if controller in c.split(",")), "/")
                first[controller] = point / path.lstrip("/")
    if len(first) == 2:
        yield "v1", first


FILES = {"v1": ("memory.limit_in_bytes", "pids.max"), "v2": ("memory.max", "pids.max")}


class Group:
    """A control group of one box; a context manager that makes and removes it."""

    def __init__(self, version, folders):
        self.version = version
        self.folders = folders  # {controller: folder}

    def limit(self, memory, processes):
        """At most so many bytes and so many processes and threads."""
        names = FILES[self.version]
        write(self.folders["memory"] / names[0], memory)
        write(self.folders["pids"] / names[1], processes)

    def entries(self):
        """The files to which a process writes 0 to come in."""
        return [str(f / "cgroup.procs") for f in dict.fromkeys(self.folders.values())]

    def remove(self):
        """End what is left in it, and remove it."""
        for folder in dict.fromkeys(self.folders.values()):
            for _ in range(100):
                with contextlib.suppress(OSError, ProcessLookupError):
                    for pid in (folder / "cgroup.procs").read_text().split():
                        os.kill(int(pid), 9)
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)


def remove_groups(prefix):
    """Remove the groups whose names begin so, of both versions."""
    for version, folders in parents():
        for folder in dict.fromkeys(folders.values()):
            for found in folder.glob(f"{prefix}*"):
                Group(version, {"memory": found}).remove()


def make_group(name):
    """A new group, of whichever version works; None where neither does."""
    for version, folders in parents():
        group = Group(version, {c: f / name for c, f in folders.items()})
        try:
            for folder in group.folders.values():
                folder.mkdir(exist_ok=True)
            group.limit(1 << 40, 1000)
            return group
        except OSError:
            group.remove()
    return None
