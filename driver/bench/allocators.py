"""The allocators that are compared, and how a program is run on one."""

import ctypes.util
import dataclasses
import os
import pathlib
import re
import sys

# name: (library, the Debian package it is from)
PEERS = {
    "jemalloc": ("jemalloc", "libjemalloc2"),
    "tcmalloc": ("tcmalloc_minimal", "libtcmalloc-minimal4"),
    "mimalloc": ("mimalloc", "libmimalloc2.0"),
}
BASE = "glibc"
DEFAULT = [BASE, *PEERS, "stage7"]
ORIGIN = re.compile(r"^malloc (.*)$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Allocator:
    """A name for the tables, and what to preload: None for glibc."""

    name: str
    library: str = None

    @property
    def is_peer(self):
        """Whether it is one of those a stage is held against."""
        return self.name == BASE or self.name in PEERS

    def environment(self):
        """The environment of a process that runs on this allocator."""
        clean = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        return clean | ({"LD_PRELOAD": self.library} if self.library else {})

    def check_origin(self, output):
        """Raise ValueError unless the line "malloc PATH" in a program's
        output names this allocator's library."""
        library = self.library or "libc.so.6"
        found = ORIGIN.search(output)
        if not found:
            raise ValueError('it printed no line "malloc PATH"')
        if pathlib.Path(found.group(1)).name != pathlib.Path(library).name:
            raise ValueError(f"its malloc is from {found.group(1)}, not from {library}")


def find(name, build):
    """The allocator of a name: glibc, a peer, stageN (from build), or
    NAME=LIBRARY. Raises LookupError, which says the way out."""
    if name == BASE:
        return Allocator(name)
    if name in PEERS:
        library, package = PEERS[name]
        found = ctypes.util.find_library(library)
        if not found:
            raise LookupError(f"{name} is not installed: `make deps` installs {package}")
        return Allocator(name, found)
    if "=" in name:
        name, _, library = name.partition("=")
        way_out = "say NAME=PATH of a shared library"
    elif name.startswith("stage"):
        number = name.removeprefix("stage")
        library = pathlib.Path(build, f"libmm-{number}.so")
        way_out = f"`make preload {number}`"
    else:
        known = ", ".join(DEFAULT)
        raise LookupError(f"{name}: no such allocator; say {known}, stageN or NAME=LIBRARY")
    if not pathlib.Path(library).is_file():
        raise LookupError(f"{name}: there is no {library}: {way_out}")
    return Allocator(name, str(pathlib.Path(library).resolve()))


def find_all(names, build):
    """The allocators that are there; each that is missing is told of once.
    Exits with status 2 if glibc, which all is compared with, is not among
    them."""
    found = []
    for name in names:
        try:
            found.append(find(name, build))
        except LookupError as missing:
            print(f"left out: {missing}", file=sys.stderr)
    if BASE not in [allocator.name for allocator in found]:
        sys.exit(f"{BASE} must be among the allocators: all is compared with it")
    return found
