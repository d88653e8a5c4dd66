"""Submissions as they come: one mm.c, or a folder that holds one.

Whoever wrote it chose the names and the kinds of its files, so each is opened
once, without following links, looked at through the descriptor, and read up
to a limit. What the judge works on is the copy.
"""

import contextlib
import dataclasses
import errno
import hashlib
import os
import pathlib
import re
import stat

from grader.errors import GraderError
from grader.finding import Finding

MAIN = "mm.c"

# Plain enough for every tool that gets to see it.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
SOURCE = re.compile(r".*\.[ch]")

OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Refused(Exception):
    """The submission breaks the rule `files`; holds the Finding."""

    def __init__(self, where, text):
        super().__init__(text)
        self.finding = Finding("files", text, where)


@dataclasses.dataclass
class Submission:
    """The files of a submission, read; {} when it was refused."""

    name: str  # for tables: the last part of its path
    path: str  # as given
    files: dict = dataclasses.field(default_factory=dict)  # name -> bytes
    ignored: list = dataclasses.field(default_factory=list)  # names
    refusal: Finding | None = None

    @property
    def hash(self):
        """SHA-256 over names, lengths and contents, in hexadecimal."""
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    def write(self, folder):
        """Put the files into an empty folder, readable by all."""
        for name, content in self.files.items():
            path = pathlib.Path(folder, name)
            path.write_bytes(content)
            path.chmod(0o644)


def show(name):
    """A file's name as text that any terminal and file can hold."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


def open_entry(name, folder, where):
    """A descriptor of an entry that may be anything. Raises Refused."""
    try:
        return os.open(name, OPEN, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused(where, "is a symbolic link; expected the file itself") from error
        if error.errno == errno.ENXIO:
            raise Refused(where, "is a socket; expected a plain file") from error
        raise


def read_file(name, folder, where, limit):
    """The bytes of a plain file of at most limit bytes. Raises Refused."""
    descriptor = open_entry(name, folder, where)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = KINDS.get(stat.S_IFMT(status.st_mode), "no file")
            raise Refused(where, f"is {kind}; expected a plain file")
        content = b"" if status.st_size > limit else file.read(limit + 1)
        if status.st_size > limit or len(content) > limit:
            raise Refused(where, f"has {status.st_size} bytes; at most {limit} are taken")
        return content


def read_folder(submission, folder, limits):
    """Take the C files of an open folder into the submission."""
    total = 0
    names = sorted(os.listdir(folder))
    for name in names:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        kind = KINDS.get(stat.S_IFMT(status.st_mode))
        if kind not in (None, "a folder"):
            raise Refused(show(name), f"is {kind}; expected plain files")
        if kind or not SOURCE.fullmatch(name):
            submission.ignored.append(show(name))
            continue
        if not NAME.fullmatch(name):
            raise Refused(show(name), "is an odd name; take letters, digits and _ . + -, at most 64")
        if len(submission.files) == limits["files"]:
            raise Refused(None, f"more than {limits['files']} files")
        content = read_file(name, folder, name, limits["file_bytes"])
        total += len(content)
        if total > limits["total_bytes"]:
            raise Refused(name, f"with this file more than {limits['total_bytes']} bytes in all")
        submission.files[name] = content
    if MAIN not in submission.files:
        raise Refused(None, f"the folder holds no {MAIN}")


def load(path, limits):
    """Read the submission at path.

    limits: the section `submission` of the course. Returns a Submission, with
    a refusal where it breaks the rule `files`; raises GraderError where the
    path itself cannot be read, which is nobody's fault but ours.
    """
    path = os.fspath(path)
    submission = Submission(show(os.path.basename(os.path.abspath(path))), show(path))
    try:
        with contextlib.ExitStack() as stack:
            descriptor = open_entry(path, None, show(path))
            stack.callback(os.close, descriptor)
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                read_folder(submission, descriptor, limits)
            else:
                content = read_file(path, None, MAIN, limits["file_bytes"])
                submission.files[MAIN] = content
    except Refused as refused:
        submission.files.clear()
        submission.refusal = refused.finding
    except OSError as error:
        raise GraderError(f"{show(path)}: cannot be read: {error.strerror}") from error
    return submission
