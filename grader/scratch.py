"""A folder for all that a run needs only meanwhile, and that SIGKILL leaves none of.

It is locked by who uses it for as long as that lives, however that ends. So one
that can be locked belongs to nobody any more, and the next run removes it, with
the control groups of its boxes. A folder of another user is never touched, nor
what a symbolic link leads to.

Source: flock(2).
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import tempfile

from grader import cgroups
from grader.errors import GraderError

PREFIX = "seven-heaps-run-"
OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def lock(path, how):
    """Hold the lock of a folder; True, or False where it was removed meanwhile.

    how: of fcntl.flock. Raises OSError where it cannot be had: another holds it,
    it is no folder, there are no such locks here.
    """
    descriptor = os.open(path, OPEN)
    try:
        fcntl.flock(descriptor, how)
        try:
            is_there = os.path.samestat(os.fstat(descriptor), os.lstat(path))
        except FileNotFoundError:
            is_there = False
        yield is_there
    finally:
        os.close(descriptor)


def remove(path):
    """Remove the folder of a run, and the control groups of its boxes."""
    cgroups.remove_groups(path.name)
    shutil.rmtree(path, ignore_errors=True)


def remove_abandoned():
    """Remove the folders of this user's runs that have ended."""
    for path in pathlib.Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.lstat().st_uid != os.geteuid():
                continue
            with lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_there:
                if is_there:
                    remove(path)


@contextlib.contextmanager
def folder():
    """A new folder, the path, in which tempfile makes all of its own; a box's
    user may enter it. Raises GraderError where there can be none."""
    remove_abandoned()
    with contextlib.ExitStack() as stack:
        before = tempfile.tempdir
        try:
            path = make(stack)
        except OSError as error:
            raise GraderError(f"{tempfile.gettempdir()}: no folder can be made there: {error.strerror}") from error
        stack.callback(remove, path)
        tempfile.tempdir = str(path)
        try:
            yield path
        finally:
            tempfile.tempdir = before


def make(stack):
    """The path of a new folder, locked until the stack is closed; unlocked where
    there are no locks, and then nobody will remove it either."""
    while True:
        path = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX))
        try:
            path.chmod(0o711)
            if stack.enter_context(lock(path, fcntl.LOCK_EX)):
                return path
        except FileNotFoundError:  # another run was faster than the lock
            continue
        except OSError:
            if path.is_dir():
                return path
            raise
