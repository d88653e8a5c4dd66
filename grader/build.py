"""From a submission's files to a shared object, all in the box.

mm.c is compiled to assembly, which vet.py looks at; that is assembled to an
object file, which vet.py looks at; and that is linked with the adapter of its
era and the defaults of libmm, just as `make stage MM=` does.
"""

import dataclasses
import pathlib
import shutil
import stat
import subprocess

from grader import LAB, sandbox, vet
from grader.errors import GraderError
from grader.submission import MAIN

LOG = 20_000  # characters of the compiler's messages that are kept

# The lab's files that the compiler sees; copied, as the box's user may not be
# allowed to where the lab lies.
HEADERS = ["stages/mm.h", "driver/memlib.h", "driver/stage.h", "driver/stage.syms"]
ERAS = "driver/eras"
LIBMM = "libmm.a"


@dataclasses.dataclass
class Build:
    """library: the shared object, None where there is none. log: what the
    compiler said, without its paths. findings: of the vet."""

    library: pathlib.Path | None = None
    era: str | None = None
    log: str = ""
    findings: list = dataclasses.field(default_factory=list)
    problem: str | None = None  # why there is no library, when no rule says so


class Failed(Exception):
    """A tool has refused its input; the text is what it said."""


@dataclasses.dataclass
class Workshop:
    """What it takes to build in a box.

    box: a sandbox.Box. toolchain: a toolchain.Toolchain. filter_file: path of
    the compiler's filter. libmm: path of libmm.a.
    """

    box: sandbox.Box
    toolchain: object
    course: object
    filter_file: pathlib.Path
    libmm: pathlib.Path

    @property
    def sources(self):
        """The folder with the submission's files."""
        return self.box.folder / "in"

    @property
    def products(self):
        """The folder the tools write to."""
        return self.box.folder / "out"

    @property
    def lab(self):
        """The folder with the files of the lab."""
        return self.box.folder / "lab"

    def try_run(self, *argv):
        """Run a tool in the box; its Outcome."""
        settings = self.course["compile"]
        return self.box.run(
            [str(word) for word in argv],
            sandbox.Limits(
                cpu=settings["seconds"],
                wall=3 * settings["seconds"],
                memory=settings["memory"],
                space=2 * settings["memory"],
            ),
            read={**self.toolchain.read, self.sources: self.sources, self.lab: self.lab},
            filter_file=self.filter_file,
            write=self.products,
        )

    def run(self, *argv):
        """Run a tool in the box; its Outcome.

        Raises Failed when it refuses its input, GraderError when no tool
        works here.
        """
        outcome = self.try_run(*argv)
        if outcome.status != 0:
            self.test()
            raise Failed(explain(outcome, self.course["compile"]))
        return outcome

    def test(self):
        """Raise GraderError where even a compiler without work fails."""
        outcome = self.try_run(self.toolchain.compiler, "--version")
        if outcome.status != 0:
            said = explain(outcome, self.course["compile"])
            raise GraderError(f"the compiler does not work in the box: {said.strip()[:500]}")

    def compile(self, *words):
        return self.run(self.toolchain.compiler, "-B/usr/bin", *words)


def explain(outcome, settings):
    """What a failed tool said, or why it could not say anything."""
    said = outcome.err.decode("utf-8", "backslashreplace")
    if outcome.status is None:
        return said + f"the compiler did not end within {3 * settings['seconds']} s\n"
    if outcome.status < 0 or outcome.status > 128:
        number = -outcome.status if outcome.status < 0 else outcome.status - 128
        return said + (
            f"the compiler was ended by signal {number}: over its limits of "
            f"{settings['seconds']} s and {settings['memory']} bytes?\n"
        )
    if "limit exceeded" in said:
        said += f"the compiler went over its limits of {settings['seconds']} s and 64 MiB a file\n"
    return said or f"exit status {outcome.status}, and no message\n"


def lab_script(name, *words):
    """What a script of driver/eras prints about a source, a word list."""
    command = [str(LAB / ERAS / name), *map(str, words)]
    result = subprocess.run(command, cwd=LAB, capture_output=True, text=True, timeout=20, errors="replace")
    if result.returncode != 0:
        raise GraderError(f"{name}: {result.stderr.strip()}")
    return result.stdout.split()


def tidy(log, workshop):
    """The compiler's messages without folders of this machine, cut to LOG."""
    for folder in (workshop.sources, workshop.products, workshop.lab):
        log = log.replace(f"{folder}/", "")
    log = "".join(c for c in log if c == "\n" or c.isprintable())
    return log if len(log) <= LOG else log[:LOG] + "\n... (cut here)\n"


def product(path, limit=64 << 20):
    """Make sure that a file the box wrote is what it should be, and freeze it:
    a plain file, and ours to read."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
        raise GraderError(f"{path}: the compiler left something that is no object file")
    return path


def compile_source(workshop, era):
    """mm.c to assembly. Returns its path, and what the compiler said."""
    main = workshop.sources / MAIN
    assembly = workshop.products / "mm.s"
    words = ["-Wall", *workshop.course["compile"]["flags"], "-std=gnu11", "-fPIC", "-fdiagnostics-plain-output"]
    outcome = workshop.compile(*words, *era_flags(workshop, era), "-S", main, "-o", assembly)
    return product(assembly), outcome.err.decode("utf-8", "backslashreplace")


def era_flags(workshop, era):
    """Flags of an era; their folders are those of the copied lab."""
    words = []
    given = iter(lab_script("flags.sh", era, workshop.sources / MAIN))
    for word in given:
        folder = next(given) if word == "-I" else word[2:] if word.startswith("-I") else None
        words.append(f"-I{workshop.lab / folder}" if folder else word)
    return words


def link(workshop, era, alignment):
    """The object file, the adapter and libmm to a shared object; its path."""
    products, lab = workshop.products, workshop.lab
    workshop.compile(
        "-O2", "-std=c11", "-D_DEFAULT_SOURCE", "-fPIC", f"-I{lab / 'stages'}", f"-I{lab / 'driver'}",
        f"-DSTAGE_ALIGN={alignment}", "-c", lab / ERAS / era / "adapter.c", "-o", products / "adapter.o",
    )  # fmt: skip
    workshop.compile(
        "-shared", "-o", products / "mm.so", products / "mm.o", products / "adapter.o", lab / LIBMM,
        f"-Wl,--version-script={lab / 'driver' / 'stage.syms'}", "-lm",
    )  # fmt: skip
    return product(products / "mm.so")


def copy_lab(workshop):
    """Put the lab's files where the box's user may read them."""
    shutil.copytree(LAB / ERAS, workshop.lab / ERAS)
    for name in HEADERS:
        (workshop.lab / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(LAB / name, workshop.lab / name)
    shutil.copyfile(workshop.libmm, workshop.lab / LIBMM)
    for path in (workshop.lab, *workshop.lab.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def prepare(workshop, submission):
    """Put the files where the compiler looks, and make room for what it makes."""
    for folder in (workshop.sources, workshop.products, workshop.lab):
        folder.mkdir()
        folder.chmod(0o755)
    workshop.box.give(workshop.products)
    submission.write(workshop.sources)
    copy_lab(workshop)


def build(workshop, submission, is_vetted=True):
    """Build a submission in a fresh box. Returns a Build."""
    prepare(workshop, submission)
    made = Build()
    if is_vetted:
        made.findings += vet.vet_source(submission.files)
    try:
        made.era = lab_script("detect.sh", workshop.sources / MAIN)[0]
        assembly, made.log = compile_source(workshop, made.era)
        if is_vetted:
            made.findings += vet.vet_assembly(assembly, workshop, submission.files)
        workshop.compile("-c", assembly, "-o", workshop.products / "mm.o")
        if is_vetted:
            made.findings += vet.vet_object(product(workshop.products / "mm.o"), workshop, submission.files)
        alignment = 8 if made.era in ("classic", "2010") else 16
        made.library = link(workshop, made.era, alignment)
    except Failed as failed:
        made.problem = "it does not compile"
        made.log += str(failed)
    made.log = tidy(made.log, workshop)
    return made
