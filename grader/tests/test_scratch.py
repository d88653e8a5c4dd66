"""Folders of runs: whose are removed, and whose are not."""

import os
import shutil
import tempfile

import pytest

from grader import scratch as folders
from grader.errors import GraderError


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def abandoned(place, name="x"):
    path = place / f"{folders.PREFIX}{name}"
    (path / "box").mkdir(parents=True)
    return path


def test_all_that_is_made_meanwhile_is_gone_after(place):
    with folders.folder() as folder:
        assert folder.parent == place and folder.stat().st_mode & 0o777 == 0o711
        assert tempfile.mkdtemp().startswith(f"{folder}/")
    assert not list(place.iterdir()) and tempfile.tempdir == str(place)


def test_what_was_abandoned_is_removed_and_what_is_in_use_is_not(place):
    abandoned(place)
    with folders.folder() as one:
        assert list(place.iterdir()) == [one]
        tempfile.tempdir = str(place)
        with folders.folder() as other:
            assert set(place.iterdir()) == {one, other}


def test_no_link_is_followed(place):
    target = place / "mine"
    target.mkdir()
    (place / f"{folders.PREFIX}link").symlink_to(target)
    (abandoned(place) / "link").symlink_to(target)
    (place / f"{folders.PREFIX}file").touch()
    folders.remove_abandoned()
    assert {path.name for path in place.iterdir()} == {"mine", f"{folders.PREFIX}link", f"{folders.PREFIX}file"}


@pytest.mark.skipif(os.geteuid() != 0, reason="giving folders away takes root")
def test_those_of_other_users_stay(place):
    path = abandoned(place)
    os.chown(path, 61000, 61000)
    folders.remove_abandoned()
    assert (path / "box").exists()


def test_one_removed_before_it_was_locked_is_made_anew(place, monkeypatch):
    make, made = tempfile.mkdtemp, []

    def unlucky(**words):
        made.append(make(**words))
        if len(made) == 1:
            shutil.rmtree(made[0])
            os.mkdir(made[0] + "-other")
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", unlucky)
    with folders.folder() as folder:
        assert [str(folder)] == made[1:]


def test_one_removed_while_it_was_locked_is_made_anew(place, monkeypatch):
    flock, gone = folders.fcntl.flock, []

    def unlucky(descriptor, how):
        if not gone:
            gone.extend(place.iterdir())
            gone[0].rmdir()
        flock(descriptor, how)

    monkeypatch.setattr(folders.fcntl, "flock", unlucky)
    with folders.folder() as folder:
        assert folder.exists() and folder not in gone


def test_no_room_is_told(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    with pytest.raises(GraderError, match="/proc/nowhere: no folder can be made there"), folders.folder():
        pass
