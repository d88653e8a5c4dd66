"""The compiler and binutils, and the files of theirs that a box must hold."""

import dataclasses
import os
import pathlib
import shutil
import subprocess

from grader.errors import GraderError

BINUTILS = ["as", "ld", "objdump", "addr2line"]

# Where headers and libraries lie; never a whole /usr.
FOLDERS = ["/usr/include", "/lib64", "/usr/lib64"]


@dataclasses.dataclass(frozen=True)
class Toolchain:
    """compiler: its path in the box. version: its first line of --version.
    libc: path of the C library it links to. read: {path in the box: path
    here} of all it needs."""

    compiler: str
    version: str
    libc: str
    read: dict


def ask(compiler, *words):
    """The compiler's answer to a question, a line."""
    try:
        result = subprocess.run([compiler, *words], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise GraderError(f"{compiler}: cannot be asked {' '.join(words)}: {error}") from error
    return result.stdout.splitlines()[0]


def find(name):
    path = shutil.which(name)
    if not path:
        raise GraderError(f"{name} is missing: run `make deps`")
    return path


def find_toolchain(compiler):
    """The Toolchain of a gcc, by name or path. Raises GraderError."""
    here = find(compiler)
    parts = ask(here, "-print-prog-name=cc1")
    if not os.path.isabs(parts):
        raise GraderError(f"{compiler} is not gcc, of which the judge knows what it needs")
    inside = f"/usr/bin/{pathlib.Path(compiler).name}"
    read = {inside: os.path.realpath(here)}
    read |= {f"/usr/bin/{name}": os.path.realpath(find(name)) for name in BINUTILS}
    internals = pathlib.Path(parts).resolve().parent
    libc = pathlib.Path(ask(here, "-print-file-name=libc.so.6")).resolve()
    libraries = libc.parent
    read |= {str(folder): str(folder) for folder in (internals, libraries)}
    # Linker scripts name the libraries by the older path.
    read[str(libraries).removeprefix("/usr")] = str(libraries)
    read |= {folder: folder for folder in FOLDERS if os.path.isdir(folder)}
    return Toolchain(inside, ask(here, "--version"), str(libc), read)
