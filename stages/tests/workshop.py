"""Builds stages for the tests and runs commands on them."""

import os
import subprocess

import source

ROOT = source.STAGES.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
CC = os.environ.get("CC", "gcc")


def run(*command):
    """Run a command in the repository: (status, its output)."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
        check=False,
    )
    return done.returncode, done.stdout


def build(mm, library, era="seven", align="MM_ALIGN"):
    """Build mm.c as `make stage MM=... ERA=... ALIGN=...` does, into library;
    what the compiler said, or "" when all went well."""
    status, flags = run("driver/eras/flags.sh", era, mm)
    assert status == 0, flags
    stage, adapter = library.with_suffix(".o"), library.with_suffix(".adapter.o")
    for command in (
        [*["-std=gnu11", "-O1", "-Wall", *flags.split(), "-c", mm], "-o", stage],
        [
            *["-std=c11", "-D_DEFAULT_SOURCE", "-Istages", "-Idriver"],
            *[f"-DSTAGE_ALIGN={align}", "-c", f"driver/eras/{era}/adapter.c"],
            *["-o", adapter],
        ],
        [
            *["-shared", stage, adapter, BUILD / "libmm.a", "-lm", "-o", library],
            "-Wl,--version-script=driver/stage.syms",
        ],
    ):
        status, said = run(CC, "-fPIC", *command)
        if status != 0:
            return said
    return ""


def mdriver(*arguments):
    """Run the driver: (status, its output)."""
    return run(BUILD / "mdriver", *arguments)
