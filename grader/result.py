"""The result of one submission: its format, and how it gets to disk."""

import contextlib
import datetime
import functools
import json
import os
import pathlib
import tempfile

import jsonschema

from grader.errors import GraderError

FORMAT = "seven-heaps-result-1"

# What the judge says of a submission as a whole.
OK = "ok"
COMPILE_ERROR = "compile error"
RULE_BROKEN = "rule broken"
NOT_GRADED = "could not grade"

# The driver's verdict on a trace -> that on the submission.
OF_TRACE = {
    "wrong": "wrong answer",
    "memory": "out of memory",
    "crash": "crash",
    "exit": "crash",
    "hang": "time-out",
    "flood": RULE_BROKEN,
    "broken": COMPILE_ERROR,
    "none": NOT_GRADED,
}


@functools.cache
def validator():
    path = pathlib.Path(__file__).with_name("result.schema.json")
    schema = json.loads(path.read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(schema)


def check(result):
    """Raise GraderError where a result is not in the format."""
    error = next(iter(sorted(validator().iter_errors(result), key=str)), None)
    if error:
        place = "/".join(map(str, error.absolute_path)) or "the result"
        raise GraderError(f"{place}: {error.message[:500]}")


def now():
    """The time, in UTC, as ISO 8601 has it."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def write(result, path):
    """Write a result to a file, checked, whole or not at all."""
    check(result)
    write_text(json.dumps(result, indent=2, allow_nan=False) + "\n", path)


@contextlib.contextmanager
def told(path):
    """What keeps a file from being written, as a GraderError."""
    try:
        yield
    except OSError as error:
        raise GraderError(
            f"{path}: cannot be written: {error.strerror}; make room, or name another place with --json-dir"
        ) from error


def require_place(folder):
    """Make a folder for results. Raises GraderError where none can be written."""
    with told(folder):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"a result")


def write_text(text, path):
    """Put a text in the place of a file, whole or not at all. Raises
    GraderError when that cannot be."""
    with told(path):
        replace_text(text, pathlib.Path(path))


def replace_text(text, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def read(path):
    """A result from a file. Raises GraderError if it is none."""
    try:
        result = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GraderError(f"{path}: no result: {error}") from error
    check(result)
    return result
