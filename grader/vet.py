"""Look at a submission before it is run: source, assembly and object file.

What is found here is told with its line. What is missed here, the box and the
referee still hold; so a rule is about saying early and clearly what is wrong.
"""

import functools
import pathlib
import re

from elftools.common.exceptions import ELFError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection

from grader.finding import Finding
from grader.submission import MAIN

# --- Source ------------------------------------------------------------------

COMMENT_OR_STRING = re.compile(
    r"""//(?:\\\n|[^\n])*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL
)
OUTSIDE = re.compile(r"""^[ \t]*(?:\#|%:)[ \t]*(?:include|include_next|embed|import)[ \t]*["<]([^">\n]*)""", re.M)


def blank_comments(text):
    """The text with blanks for comments; lines and strings stay as they are."""

    def blank(match):
        return match[0] if match[0][0] in "\"'" else re.sub(r"[^\n]", " ", match[0])

    return COMMENT_OR_STRING.sub(blank, text)


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1


def vet_source(files):
    """Findings on #include lines that lead out of the submission.

    files: {name: bytes}.
    """
    found = []
    for name, content in sorted(files.items()):
        text = blank_comments(content.decode("utf-8", "replace"))
        for match in OUTSIDE.finditer(text):
            target = match[1].strip()
            if target.startswith("/") or ".." in pathlib.PurePosixPath(target).parts:
                where = f"{name}:{line_at(text, match.start())}"
                found.append(Finding("include", f"includes {target}", where))
    return found


def word_line(files, word):
    """The first place where a word stands, as "mm.c:12", or None."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    for name, content in sorted(files.items(), key=lambda item: item[0] != MAIN):
        text = blank_comments(content.decode("utf-8", "replace"))
        if match := pattern.search(text):
            return f"{name}:{line_at(text, match.start())}"
    return None


# --- Assembly ----------------------------------------------------------------

APP_LINE = re.compile(r'# (\d+) "([^"]*)"')
EMBEDS = re.compile(r"\.(?:incbin|include)\b", re.IGNORECASE)


def vet_assembly(path, workshop, files):
    """Findings on assembly that the submission itself has written.

    The compiler puts #APP and #NO_APP around it, and its line within if it
    stands in a function.
    """
    found = {}
    inside, where = False, None
    outside = word_line(files, "__asm__") or word_line(files, "asm") or word_line(files, "__asm")
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("#APP"):
                inside, where = True, outside
            elif line.startswith("#NO_APP"):
                inside = False
            elif inside and (match := APP_LINE.match(line)) and match[1] != "0":
                where = f"{match[2].removeprefix(f'{workshop.sources}/')}:{match[1]}"
            elif inside and line.strip():
                found.setdefault(("asm", where), "assembly")
                if EMBEDS.search(line):
                    found.setdefault(("embed", where), f"takes in a file: {line.strip()[:80]}")
    return [Finding(rule, text, where) for (rule, where), text in found.items()]


# --- The object file ---------------------------------------------------------

STARTERS = re.compile(r"\.(?:init_array|preinit_array|fini_array|ctors|dtors|init|fini)(?:\..*)?")
USUAL = re.compile(
    r"\.(?:text|data|bss|rodata|tdata|tbss|eh_frame|note\.gnu\.property|note\.GNU-stack)(?:\..*)?"
)
IFUNC = "STT_LOOS"  # elftools' name of STT_GNU_IFUNC

MNEMONICS = {
    "system-call": re.compile(r"syscall|sysenter|sysexit.*|sysret.*|int\d*|ljmp.*|lcall.*|lret.*|iret.*"),
    "clock": re.compile(r"rdtscp?|rdpmc|cpuid|xgetbv|rdpid|rdpru"),
}
DISASSEMBLED = re.compile(r"^\s*([0-9a-f]+):\s+(?:(?:lock|rep[nz]*|data16|cs|ds|bnd|notrack) )*(\S+)")
SECTION_BEGINS = re.compile(r"^Disassembly of section (.*):$")

# Bytes of what must not hide within another instruction.
HIDDEN = {b"\x0f\x05": "syscall", b"\x0f\x34": "sysenter", b"\xcd\x80": "int 0x80"}

# rol 3, 13, 61, 51: what Valgrind takes for a request; by the register's byte.
REQUEST = re.compile(rb"\x48\xc1.\x03\x48\xc1.\x0d\x48\xc1.\x3d\x48\xc1.\x33", re.DOTALL)


PLACE = re.compile(r"(.*):(\d+)(?: .*)?$")


class Lines:
    """Where in the source an address of the object file comes from."""

    def __init__(self, path, workshop):
        self.path = path
        self.workshop = workshop

    @functools.cache
    def where(self, section, offset):
        """ "mm.c:12", or None when the debug information does not say."""
        outcome = self.workshop.run("/usr/bin/addr2line", "-i", "-e", self.path, "-j", section, hex(offset))
        # With -i a line for each function that it was inlined into.
        for line in outcome.out.decode("utf-8", "backslashreplace").splitlines():
            match = PLACE.match(line)
            if match and match[1].startswith(f"{self.workshop.sources}/") and match[2] != "0":
                return f"{pathlib.PurePosixPath(match[1]).name}:{match[2]}"
        return None


@functools.cache
def library_names(path):
    """Names that a shared library exports."""
    with open(path, "rb") as file:
        table = ELFFile(file).get_section_by_name(".dynsym")
        return {s.name for s in table.iter_symbols() if s.entry["st_shndx"] != "SHN_UNDEF"}


class Inspection:
    """One object file, open, and what is found in it."""

    def __init__(self, elf, path, workshop, files):
        self.elf = elf
        self.path = path
        self.workshop = workshop
        self.files = files
        self.lines = Lines(path, workshop)
        self.found = []

    def add(self, rule, text, where=None):
        finding = Finding(rule, text, where)
        if finding not in self.found:
            self.found.append(finding)

    def symbols(self):
        for section in self.elf.iter_sections():
            if isinstance(section, SymbolTableSection):
                yield from section.iter_symbols()

    def place_of_use(self, name):
        """Where a symbol is used first, by the relocations of the code."""
        for section in self.elf.iter_sections():
            if not isinstance(section, RelocationSection):
                continue
            target = self.elf.get_section(section["sh_info"])
            if not target["sh_flags"] & SH_FLAGS.SHF_EXECINSTR:
                continue
            table = self.elf.get_section(section["sh_link"])
            for relocation in section.iter_relocations():
                if table.get_symbol(relocation["r_info_sym"]).name == name:
                    if where := self.lines.where(target.name, relocation["r_offset"]):
                        return where
        return word_line(self.files, name)

    def place_of_starter(self, section):
        words = ("constructor", "destructor", section)
        return next(filter(None, (word_line(self.files, word) for word in words)), None)

    # --- Sections and symbols

    def look_at_sections(self):
        for section in self.elf.iter_sections():
            flags = section["sh_flags"]
            if STARTERS.fullmatch(section.name):
                self.add("constructor", f"section {section.name}", self.place_of_starter(section.name))
            elif section.name == ".note.GNU-stack" and flags & SH_FLAGS.SHF_EXECINSTR:
                self.add("section", "asks for an executable stack")
            elif not flags & SH_FLAGS.SHF_ALLOC:
                continue
            elif not USUAL.fullmatch(section.name):
                self.add("section", f"section {section.name}", word_line(self.files, section.name))
            elif flags & SH_FLAGS.SHF_WRITE and flags & SH_FLAGS.SHF_EXECINSTR:
                self.add("section", f"section {section.name} is both writable and code")
            elif flags & SH_FLAGS.SHF_EXECINSTR and not section.name.startswith(".text"):
                self.add("section", f"section {section.name} holds code")

    def look_at_symbols(self, taken):
        """taken: names that a submission must not define."""
        for symbol in self.symbols():
            name, entry = symbol.name, symbol.entry
            kind, binding = entry["st_info"]["type"], entry["st_info"]["bind"]
            if kind == IFUNC:
                self.add("ifunc", name, word_line(self.files, name))
            if not name or binding == "STB_LOCAL":
                continue
            if entry["st_shndx"] == "SHN_UNDEF":
                if not self.workshop.course.allows_symbol(name):
                    self.add("undefined-symbol", f"uses {name}", self.place_of_use(name))
            elif name in taken:
                self.add("defined-symbol", f"defines {name}", word_line(self.files, name))

    def look_at_data(self, limit):
        """Static data, at most limit bytes."""
        total, largest = 0, (0, None)
        for section in self.elf.iter_sections():
            flags = section["sh_flags"]
            if flags & SH_FLAGS.SHF_ALLOC and flags & SH_FLAGS.SHF_WRITE and ".rel.ro" not in section.name:
                total += section["sh_size"]
        for symbol in self.symbols():
            size = symbol.entry["st_size"]
            if symbol.entry["st_shndx"] == "SHN_COMMON":
                total += size
            if symbol.entry["st_info"]["type"] in ("STT_OBJECT", "STT_TLS", "STT_COMMON"):
                largest = max(largest, (size, symbol.name))
        if total > limit:
            size, name = largest
            text = f"{total} bytes of static data, at most {limit} are allowed"
            text += f"; the largest is {name}, {size} bytes" if name else ""
            self.add("static-data", text, word_line(self.files, name.split(".")[0]) if name else None)

    # --- Code

    def look_at_code(self):
        """Instructions as they stand, then bytes hidden within them."""
        starts = self.look_at_instructions()
        for section in self.elf.iter_sections():
            if not section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR:
                continue
            code = section.data()
            for match in REQUEST.finditer(code):
                where = self.lines.where(section.name, match.start())
                self.add("client-request", "the instructions of a request to Valgrind", where)
            for sequence, name in HIDDEN.items():
                for match in re.finditer(re.escape(sequence), code):
                    if (section.name, match.start()) not in starts:
                        where = self.lines.where(section.name, match.start())
                        self.add("hidden-code", f"the bytes of {name} within another instruction", where)

    def look_at_instructions(self):
        """Findings on instructions; {(section, offset)} of those forbidden."""
        outcome = self.workshop.run("/usr/bin/objdump", "-dw", "--no-show-raw-insn", self.path)
        section, starts = None, set()
        for line in outcome.out.decode("utf-8", "backslashreplace").splitlines():
            if match := SECTION_BEGINS.match(line):
                section = match[1]
            elif match := DISASSEMBLED.match(line):
                offset = int(match[1], 16)
                for rule, pattern in MNEMONICS.items():
                    if pattern.fullmatch(match[2]):
                        starts.add((section, offset))
                        self.add(rule, f"the instruction {match[2]}", self.lines.where(section, offset))
        return starts


def vet_object(path, workshop, files):
    """Findings on an object file that the box has made of the submission.

    files: {name: bytes} of its source, to tell lines where the debug
    information does not.
    """
    taken = library_names(workshop.toolchain.libc) | set(workshop.course["symbols"]["memlib"])
    with open(path, "rb") as file:
        try:
            inspection = Inspection(ELFFile(file), path, workshop, files)
            inspection.look_at_sections()
            inspection.look_at_symbols(taken)
            inspection.look_at_data(workshop.course["limits"]["static_data"])
            inspection.look_at_code()
        except (ELFError, UnicodeDecodeError, ValueError, KeyError) as error:
            return [Finding("section", f"the object file cannot be read: {error}")]
    return inspection.found
