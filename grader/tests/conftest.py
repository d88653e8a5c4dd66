"""What the tests of the grader share."""

import itertools
import os
import pathlib
import tempfile

import hypothesis
import pytest

from grader import LAB, course, filters, sandbox, toolchain
from grader import build as building

# No folder of examples beside the sources, and no failure for being slow.
hypothesis.settings.register_profile("lab", database=None, deadline=None, max_examples=60)
hypothesis.settings.load_profile("lab")

BUILD = LAB / os.environ.get("BUILD", "build")

slots = itertools.count(100)


@pytest.fixture(scope="session")
def rules():
    return course.load()


@pytest.fixture(scope="session")
def tools(rules):
    return toolchain.find_toolchain(rules["compile"]["compiler"])


@pytest.fixture
def scratch():
    """A folder that a box's user may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="seven-heaps-test-") as name:
        os.chmod(name, 0o711)
        yield pathlib.Path(name)


@pytest.fixture
def box(scratch):
    with sandbox.Box(scratch, next(slots)) as box:
        yield box


@pytest.fixture
def workshop(box, rules, tools):
    """What builds a submission, in a fresh box."""
    path = box.folder / "compile.bpf"
    filters.write_filter(filters.compile_filter(), path)
    return building.Workshop(box, tools, rules, path, BUILD / "libmm.a")
