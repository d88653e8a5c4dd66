"""Submissions as hostile as files can be: nothing but plain C files is taken."""

import os
import pathlib
import socket
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import report, submission
from grader.errors import GraderError

LIMITS = {"file_bytes": 1000, "total_bytes": 2500, "files": 4}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mm.c").write_text("int a;\n")
    return tmp_path


def refusal(path, limits=None):
    taken = submission.load(path, limits or LIMITS)
    assert taken.refusal, "it was taken"
    assert not taken.files
    assert taken.refusal.rule == "files"
    return f"{taken.refusal.where}: {taken.refusal.text}"


def test_a_file(folder):
    taken = submission.load(folder / "mm.c", LIMITS)
    assert taken.files == {"mm.c": b"int a;\n"} and not taken.refusal


def test_a_file_of_another_name_is_the_mm_c(folder):
    os.rename(folder / "mm.c", folder / "alice_1234.c")
    assert submission.load(folder / "alice_1234.c", LIMITS).files == {"mm.c": b"int a;\n"}


def test_a_folder_with_what_belongs_to_it(folder):
    (folder / "list.h").write_text("int b;\n")
    (folder / "README.md").write_text("mine")
    (folder / ".DS_Store").write_text("")
    (folder / "sub").mkdir()
    taken = submission.load(folder, LIMITS)
    assert set(taken.files) == {"mm.c", "list.h"}
    assert taken.ignored == [".DS_Store", "README.md", "sub"]


def test_no_mm_c(tmp_path):
    assert "holds no mm.c" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["mm.c", "list.h", "README.md"])
def test_links_are_refused(folder, name):
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to("/etc/passwd")
    assert f"{name}: is a symbolic link" in refusal(folder)


def test_a_link_in_the_place_of_a_submission(folder, tmp_path_factory):
    link = tmp_path_factory.mktemp("other") / "alice"
    link.symlink_to(folder)
    assert "symbolic link" in refusal(link)


def test_pipes_do_not_block(folder):
    os.mkfifo(folder / "list.h")
    assert "list.h: is a pipe" in refusal(folder)
    assert "is a pipe" in refusal(folder / "list.h")


def test_sockets_are_refused(folder):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "list.h"))
        assert "list.h: is a socket" in refusal(folder)
        assert "is a socket" in refusal(folder / "list.h")


def test_devices_are_refused():
    assert "is a device" in refusal("/dev/zero")


def test_huge_files_are_not_read(folder):
    with open(folder / "list.h", "wb") as file:
        file.truncate(1 << 42)
    assert f"list.h: has {1 << 42} bytes; at most 1000 are taken" in refusal(folder)


def test_many_files(folder):
    for number in range(4):
        (folder / f"x{number}.h").write_text("")
    assert "more than 4 files" in refusal(folder)


def test_much_in_all(folder):
    for number in range(3):
        (folder / f"a{number}.h").write_bytes(b" " * 900)
    assert "more than 2500 bytes in all" in refusal(folder)


def test_what_is_not_there_is_not_the_submissions_fault(tmp_path):
    with pytest.raises(GraderError, match="cannot be read"):
        submission.load(tmp_path / "none", LIMITS)


NAMES = st.binary(min_size=1, max_size=80).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)


@given(NAMES)
def test_no_name_gets_through_that_a_tool_could_mistake(name):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "mm.c").write_text("")
        path = os.path.join(os.fsencode(folder), name[:70] + b".c")
        with open(path, "wb"):
            pass
        taken = submission.load(folder, LIMITS)
        if taken.refusal:
            assert "is an odd name" in taken.refusal.text
            assert report.plain(taken.refusal.where) == taken.refusal.where
        assert all(submission.NAME.fullmatch(name) for name in taken.files)
        assert all(text.isprintable() for text in taken.ignored)


def test_the_hash_tells_names_and_contents_apart():
    def digest(**files):
        return submission.Submission("n", "p", {k: v.encode() for k, v in files.items()}).hash

    assert digest(a="b") == digest(a="b")
    assert len({digest(a="b"), digest(b="b"), digest(a="c"), digest(a="b", c=""), digest(a="bc")}) == 5
