"""The attacks of the folder `attacks`: a file each, with what it tries.

The comment a file opens with says what it tries, and then

    vet: RULE            the rule of the course that finds it, or the verdict;
                         without this line only what runs it can
    unvetted: VERDICT, ...  what may become of it when it is run all the same

@SECRET@ stands for the path of a file that it must not read, @NONCE@ for the
name of one that it must not make.
"""

import dataclasses
import pathlib
import re
import shutil

FOLDER = pathlib.Path(__file__).with_name("attacks")


@dataclasses.dataclass(frozen=True)
class Attack:
    """One file of the folder."""

    name: str
    text: str
    vet: str | None
    unvetted: tuple

    def __str__(self):
        return self.name

    @property
    def rule(self):
        """The rule that finds it; None where it is no rule."""
        return None if self.vet == "compile error" else self.vet

    def is_no_c(self):
        """Whether the compiler or linker refuses it."""
        return self.unvetted == ("compile error",)

    def write(self, folder, secret="/nowhere", nonce="nonce"):
        """Make a submission of it, a folder; returns that."""
        folder.mkdir()
        text = self.text.replace("@SECRET@", str(secret)).replace("@NONCE@", nonce)
        (folder / "mm.c").write_text(text)
        shutil.copy(FOLDER / "base.h", folder)
        return folder


def word(comment, key):
    match = re.search(rf"^ \* {key}: (.*?)(?: \*/)?$", comment, re.MULTILINE)
    return match[1] if match else None


def read(path):
    text = path.read_text()
    comment = text[: text.index("*/") + 2]
    return Attack(path.stem, text, word(comment, "vet"), tuple((word(comment, "unvetted") or "ok").split(", ")))


ATTACKS = [read(path) for path in sorted(FOLDER.glob("*.c")) if path.stem != "honest"]
HONEST = read(FOLDER / "honest.c")
