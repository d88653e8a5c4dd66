"""What the tests of the grader share."""

import itertools
import os
import pathlib
import tempfile

from grader import LAB

BUILD = LAB / os.environ.get("BUILD", "build")

# Read when hypothesis is loaded; otherwise it makes a folder where it is run.
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(BUILD / "hypothesis")

import hypothesis  # noqa: E402
import pytest  # noqa: E402

from grader import build as building  # noqa: E402
from grader import course, filters, sandbox, toolchain  # noqa: E402

# No examples are kept from one run to the next, and none fails for being slow.
hypothesis.settings.register_profile("lab", database=None, deadline=None, max_examples=60)
hypothesis.settings.load_profile("lab")

slots = itertools.count(100)


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes longer than `make test` may; `make checkers` runs it")


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


HAS_BOX = not sandbox.missing_tools()
needs_box = pytest.mark.skipif(not HAS_BOX, reason="a box takes bubblewrap")


@pytest.fixture
def box(scratch):
    """Without bubblewrap one that holds nothing, as what is built and found in
    it is the same."""
    with sandbox.Box(scratch, next(slots), is_open=not HAS_BOX) as box:
        yield box


@pytest.fixture
def workshop(box, rules, tools):
    """What builds a submission, in a fresh box."""
    path = box.folder / "compile.bpf"
    filters.write_filter(filters.compile_filter(), path)
    return building.Workshop(box, tools, rules, path, BUILD / "libmm.a")
