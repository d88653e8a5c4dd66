"""How the commands that measure for minutes end: when they are interrupted,
when their results cannot be written, when nobody reads what they print."""

import os
import pathlib
import signal
import sys


def write_whole(path, text):
    """Write a file whole or not at all: what was there stays until then.
    Raises OSError, which names the path."""
    path = pathlib.Path(path)
    if path.exists() and not path.is_file():  # a device has no place beside it
        path.write_text(text, encoding="utf-8")
        return
    beside = path.with_name(path.name + ".tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error


def run(name, main, results=None):
    """Call main, and end the process with the status it returns.

    Ctrl-C ends it as that signal does, after a line that says what of the
    results, a path, is there. A file that cannot be written or read is told of
    in a line, with status 2.
    """
    try:
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        kept = f"; {results} is as it was before" if results else ""
        print(f"\n{name}: interrupted{kept}", file=sys.stderr)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{name}: {where}{error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 2
    sys.exit(status)
