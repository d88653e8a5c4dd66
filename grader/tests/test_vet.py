"""The vet: what it finds in the attacks, with its line, and that it finds
nothing in honest code."""

import pathlib

import pytest

from grader import LAB, build, submission, vet
from grader.errors import GraderError
from grader.tests import battery, conftest

STAGES = sorted(LAB.glob("stages/[0-9]*/mm.c"))


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.parent.name)
def test_the_stages_break_no_rule(workshop, rules, path):
    made = build.build(workshop, submission.load(path, rules["submission"]))
    assert made.library and made.era == "seven"
    assert not made.findings


def place_of(text, word):
    """ "mm.c:LINE" of the last line that holds a word."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if word in line]
    return f"mm.c:{lines[-1]}"


@pytest.mark.parametrize(
    "name, rule, word",
    [
        ("inline-syscall", "system-call", "syscall"),
        ("time-stamp", "clock", "__rdtsc"),
        ("client-request", "client-request", "rolq"),
        ("libc-alias", "undefined-symbol", "theirs(size);"),
        ("own-clock", "defined-symbol", "int clock_gettime"),
        ("static-pool", "static-data", "static char pool"),
        ("include-secret", "include", "@SECRET@"),
        ("exit-in-constructor", "constructor", "constructor"),
        ("resolver", "ifunc", "mm_chosen(void) __"),
        ("hidden-opcode", "hidden-code", "0x11c3050f11"),
    ],
)
def test_findings_name_the_line(workshop, rules, tmp_path, name, rule, word):
    attack = next(a for a in battery.ATTACKS if a.name == name)
    taken = submission.load(attack.write(tmp_path / "attack", secret="/etc/hostname"), rules["submission"])
    found = [f.where for f in build.build(workshop, taken).findings if f.rule == rule]
    assert place_of(attack.text, word) in found


def test_comments_and_strings_are_no_includes():
    text = b'// #include "/etc/passwd"\n/*\n#include "/etc/x"\n*/\nchar s[] = "/*";\n#include "../up.h"\n'
    assert [f.where for f in vet.vet_source({"mm.c": text})] == ["mm.c:6"]


def test_includes_that_lead_out_are_found_however_they_are_written():
    outside = ['#include "/a"', "#include </a>", '#include "../a"', '#include "b/../../a"', '  # include  "/a"', '%:include "/a"',
               '#include_next "/a"', '#embed "/a"', '#import "/a"']  # fmt: skip
    inside = ["#include <stdio.h>", '#include "list.h"', '#include "b/list.h"', '#include "a..h"', 'char *s = "#include \'/a\'";']
    text = "\n".join(outside + inside).encode()
    found = vet.vet_source({"mm.c": text})
    assert [(f.rule, f.where) for f in found] == [("include", f"mm.c:{line}") for line in range(1, len(outside) + 1)]


def test_an_unreadable_object_is_a_finding(workshop, tmp_path):
    path = tmp_path / "mm.o"
    path.write_bytes(b"\x7fELF" + bytes(60))
    assert [f.rule for f in vet.vet_object(path, workshop, {})] == ["section"]


SMALL = '#include "mm.h"\nint mm_init(void) { return 0; }\nvoid *mm_malloc(size_t s) { return (void *)s; }\nvoid mm_free(void *p) { (void)p; }\n'


@pytest.mark.parametrize(
    "line, rule",
    [
        ('__attribute__((section("mine"))) int x = 1;', "section"),
        ('__attribute__((section(".init_array"))) void *x = mm_init;', "constructor"),
        ("void nop(void) { __asm__ volatile(\"nop\"); }", "asm"),
        ("_Thread_local char big[1 << 20];", "static-data"),
        ("__attribute__((common)) char big[1 << 20];", "static-data"),
        ("void *memcpy(void *a, const void *b, size_t n) { (void)b; (void)n; return a; }", "defined-symbol"),
        ("__attribute__((weak)) void *malloc(size_t n) { return (void *)n; }", "defined-symbol"),
        ("void *mem_sbrk(__INTPTR_TYPE__ n) { return (void *)n; }", "defined-symbol"),
        ("extern int environ; int *x(void) { return &environ; }", "undefined-symbol"),
        ("extern char **environ; char ***x = &environ;", "undefined-symbol"),
    ],
)
def test_one_line_more(workshop, line, rule):
    taken = submission.Submission("x", "x", {"mm.c": (SMALL + line + "\n").encode()})
    made = build.build(workshop, taken)
    assert [f.rule for f in made.findings] == [rule], made
    assert made.findings[0].where == "mm.c:5"


INSTRUCTIONS = {
    "system-call": ["syscall", "sysenter", "sysretq", "sysexitq", "int $0x80", "int3", "ljmp *(%rax)", "lcall *(%rax)", "lretq", "iretq"],
    "clock": ["rdtsc", "rdtscp", "rdpmc", "rdpid %rax", "rdpru", "cpuid", "xgetbv", ".byte 0xf3, 0x0f, 0x31"],
    "hidden-code": ["movabs $0x050f90, %rax", "movabs $0x340f90, %rax", "movabs $0x80cd90, %rax"],
    "client-request": ["rol $3, %rdi; rol $13, %rdi; rol $61, %rdi; rol $51, %rdi"],
    "embed": [".if 0; .incbin \\\"x\\\"; .endif", ".if 0; .include \\\"x\\\"; .endif", ".if 0; .INCBIN \\\"x\\\"; .endif"],
}  # fmt: skip


def test_every_instruction_is_found_with_its_line(workshop):
    """One line of assembly each, in one build."""
    wanted, lines = set(), SMALL.splitlines() + ["void x(void)", "{"]
    for rule, codes in INSTRUCTIONS.items():
        for code in codes:
            lines.append(f'    __asm__ volatile("{code}");')
            wanted.add((rule, f"mm.c:{len(lines)}"))
    made = build.build(workshop, submission.Submission("x", "x", {"mm.c": "\n".join([*lines, "}", ""]).encode()}))
    assert {(f.rule, f.where) for f in made.findings if f.rule != "asm"} == wanted, made.log


SECTIONS = {
    "constructor": [".init", ".fini", ".init_array", ".init_array.5", ".fini_array", ".preinit_array", ".ctors", ".dtors"],
    "section": [".mine", ".rodata.code", ".text.data", ".note.GNU-stack"],
}
FLAGS = {".rodata.code": "ax", ".text.data": "awx", ".note.GNU-stack": "x"}


def test_every_odd_section_is_found(workshop):
    names = [name for group in SECTIONS.values() for name in group]
    lines = [f'__asm__(".section {name},\\"{FLAGS.get(name, "a")}\\"\\n.byte 0\\n.text");' for name in names]
    made = build.build(workshop, submission.Submission("x", "x", {"mm.c": (SMALL + "\n".join(lines) + "\n").encode()}))
    texts = {rule: " ".join(f.text for f in made.findings if f.rule == rule) + " " for rule in SECTIONS}
    assert "an executable stack" in texts["section"], made
    missing = [name for rule, group in SECTIONS.items() for name in group if f"section {name} " not in texts[rule]]
    assert missing == [".note.GNU-stack"]


def test_what_is_no_plain_file_is_no_product(tmp_path):
    """The box made it, and we are to read it."""
    (tmp_path / "mm.so").symlink_to("/etc/passwd")
    with pytest.raises(GraderError, match="no object file"):
        build.product(tmp_path / "mm.so")


def test_messages_hold_no_path_of_this_machine(workshop):
    taken = submission.Submission("x", "x", {"mm.c": b"int x = y;\n"})
    made = build.build(workshop, taken)
    assert made.log.startswith("mm.c:1:9: error:")
    assert str(pathlib.Path(workshop.sources)) not in made.log


@conftest.needs_box
def test_a_compiler_that_cannot_work_is_no_compile_error(workshop, monkeypatch):
    monkeypatch.setitem(workshop.toolchain.read, "/nowhere", "/nowhere/at/all")
    with pytest.raises(GraderError, match="does not work in the box"):
        build.build(workshop, submission.Submission("x", "x", {"mm.c": SMALL.encode()}))


def test_a_file_that_looks_like_a_failure_of_ours_is_a_compile_error(workshop):
    text = '#line 1 "bwrap"\n#error Can not find source path\n'
    made = build.build(workshop, submission.Submission("x", "x", {"mm.c": text.encode()}))
    assert made.problem and made.log.startswith("bwrap:1:2: error:")
