"""Seeds bugs into an mm.c, every one behind a switch.

The source is preprocessed, so that macros are code like any other, and read by
clang. Each bug is another way to compute one expression, and the text becomes

    (lab_mutant == 17 ? (OTHER) : (EXPRESSION))

so all bugs are in one library, and one variable says which of them acts. The
operators:

    delete     an assignment, a call for its effect, x++
    condition  of if, while, for, ?: never true; of if and ?: always true
    compare    < and <=, > and >=, == and != trade places
    logic      a && b, a || b: a alone
    bits       a & b, a | b: a alone
    sign       a + b and a - b trade places; a += b and a -= b, too
    one        a number is greater by one

Only what a function of the submission computes at run time is changed: no
constant expressions, no sizeof, no header. Source of the idea: Untch, Offutt
and Harrold, "Mutation analysis using mutant schemata", ISSTA 1993.
"""

import dataclasses
import re

import clang.cindex
from clang.cindex import CursorKind, TypeKind

from grader.errors import GraderError

SWITCH = "lab_mutant"
TRADED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
STATEMENTS = {
    CursorKind.COMPOUND_STMT, CursorKind.IF_STMT, CursorKind.WHILE_STMT,
    CursorKind.FOR_STMT, CursorKind.DO_STMT, CursorKind.CASE_STMT,
    CursorKind.DEFAULT_STMT, CursorKind.LABEL_STMT, CursorKind.SWITCH_STMT,
}
EFFECTS = {
    CursorKind.CALL_EXPR, CursorKind.BINARY_OPERATOR, CursorKind.UNARY_OPERATOR,
    CursorKind.COMPOUND_ASSIGNMENT_OPERATOR,
}
CONSTANT = {CursorKind.CASE_STMT, CursorKind.CXX_UNARY_EXPR, CursorKind.STRUCT_DECL,
            CursorKind.ENUM_DECL, CursorKind.UNION_DECL}
MARKER = re.compile(rb'^#(?:line)? (\d+) "((?:\\.|[^"\\])*)"', re.MULTILINE)


@dataclasses.dataclass
class Mutant:
    """One bug: where it is, what it does, and what the code becomes."""

    number: int
    operator: str
    function: str
    line: int  # of the submission's file
    before: str
    after: str
    start: int  # the bytes of the preprocessed text that it replaces
    end: int

    @property
    def text(self):
        """For people: what became of what."""
        if self.operator == "delete":
            return f"{self.before}  is gone"
        return f"{self.before}  became  {self.after}"


class Lines:
    """Which line of which file a byte of preprocessed text came from."""

    def __init__(self, text):
        self.text = text
        self.markers = [
            (match.end() + 1, int(match[1]), match[2].decode("utf-8", "replace"))
            for match in MARKER.finditer(text)
        ]

    def origin(self, offset):
        """(file, line); (None, 0) before the first marker."""
        found = (None, 0)
        for start, line, name in self.markers:
            if start > offset:
                break
            found = (name, line + self.text.count(b"\n", start, offset))
        return found


class Seeder:
    """Collects the mutants of one translation unit."""

    def __init__(self, text, path):
        self.text = text
        self.path = path  # as the preprocessor calls the submission's file
        self.lines = Lines(text)
        self.function = None
        self.mutants = []

    def source(self, start, end):
        return self.text[start:end].decode("utf-8", "replace")

    def add(self, operator, node, after):
        start, end = node.extent.start.offset, node.extent.end.offset
        before = " ".join(self.source(start, end).split())
        self.mutants.append(Mutant(
            len(self.mutants) + 1, operator, self.function,
            self.lines.origin(start)[1], before, after, start, end,
        ))

    def operator_of(self, node):
        """The operator of a binary node: what stands between its operands."""
        left, right = list(node.get_children())
        between = self.source(left.extent.end.offset, right.extent.start.offset)
        return between.strip()

    def sides(self, node):
        return [self.source(side.extent.start.offset, side.extent.end.offset)
                for side in node.get_children()]

    def seed_unit(self, unit):
        for node in unit.cursor.get_children():
            is_function = node.kind == CursorKind.FUNCTION_DECL and node.is_definition()
            if is_function and self.lines.origin(node.extent.start.offset)[0] == self.path:
                self.function = node.spelling
                self.visit_children(node)

    def visit_children(self, node):
        for child in node.get_children():
            if child.kind == CursorKind.COMPOUND_STMT or node.kind != CursorKind.FUNCTION_DECL:
                self.visit(child, node)

    def visit(self, node, parent):
        """Seed into node and what is in it."""
        if node.kind in CONSTANT and node.kind != CursorKind.CASE_STMT:
            return
        if node.kind == CursorKind.VAR_DECL and (
                node.storage_class == clang.cindex.StorageClass.STATIC):
            return
        if node.kind == CursorKind.CASE_STMT:
            self.visit(list(node.get_children())[-1], node)
            return
        self.seed(node, parent)
        self.visit_children(node)

    def seed(self, node, parent):
        if node.extent.end.offset <= node.extent.start.offset:
            return
        if parent.kind in STATEMENTS and node.kind in EFFECTS and not self.is_condition(
                node, parent):
            self.seed_effect(node)
        elif self.is_condition(node, parent):
            self.seed_condition(node, parent)
        if node.kind == CursorKind.BINARY_OPERATOR:
            self.seed_binary(node)
        elif node.kind == CursorKind.COMPOUND_ASSIGNMENT_OPERATOR:
            self.seed_compound(node)
        elif node.kind == CursorKind.INTEGER_LITERAL and self.is_number(node, parent):
            text = self.source(node.extent.start.offset, node.extent.end.offset)
            self.add("one", node, f"{text} + 1")

    def is_condition(self, node, parent):
        """Is node what parent asks before it goes on?"""
        children = list(parent.get_children())
        if parent.kind in (CursorKind.IF_STMT, CursorKind.WHILE_STMT,
                           CursorKind.CONDITIONAL_OPERATOR):
            return children[0] == node
        if parent.kind == CursorKind.DO_STMT:
            return children[-1] == node
        if parent.kind == CursorKind.FOR_STMT:
            first, second = self.semicolons(parent)
            return first < node.extent.start.offset < second
        return False

    def semicolons(self, loop):
        """Where the two that part a for's header are. clang's children of the
        loop are only those that are there, so they do not tell."""
        depth, found = 0, []
        for token in loop.get_tokens():
            depth += (token.spelling == "(") - (token.spelling == ")")
            if token.spelling == ";" and depth == 1:
                found.append(token.extent.start.offset)
            if len(found) == 2:
                return found
        raise GraderError(f"{self.path}: clang shows a for without two semicolons")

    def seed_effect(self, node):
        is_binary = node.kind == CursorKind.BINARY_OPERATOR
        if is_binary and self.operator_of(node) not in ASSIGNMENTS:
            return
        self.add("delete", node, "(void)0")

    def seed_condition(self, node, parent):
        self.add("condition", node, "0")
        if parent.kind in (CursorKind.IF_STMT, CursorKind.CONDITIONAL_OPERATOR):
            self.add("condition", node, "1")

    def seed_binary(self, node):
        left, right = self.sides(node)
        operator = self.operator_of(node)
        kinds = [side.type.get_canonical().kind for side in node.get_children()]
        if operator in TRADED:
            self.add("compare", node, f"{left} {TRADED[operator]} {right}")
        elif operator in ("&&", "||"):
            self.add("logic", node, left)
        elif operator in ("&", "|"):
            self.add("bits", node, left)
        elif operator == "+" and kinds[1] != TypeKind.POINTER:
            self.add("sign", node, f"{left} - {right}")
        elif operator == "-" and TypeKind.POINTER not in kinds[1:]:
            self.add("sign", node, f"{left} + {right}")

    def seed_compound(self, node):
        left, right = self.sides(node)
        operator = self.operator_of(node)
        if operator in ("+=", "-="):
            self.add("sign", node, f"{left} {'-=' if operator == '+=' else '+='} {right}")

    @staticmethod
    def is_number(node, parent):
        """Not a null pointer, nor the length of an array."""
        return (parent.type.get_canonical().kind != TypeKind.POINTER
                and parent.kind not in (CursorKind.VAR_DECL, CursorKind.INIT_LIST_EXPR))


def read(text, path):
    """Parse preprocessed C (bytes); clang's unit. Raises GraderError."""
    name = "mutants.c"
    unit = clang.cindex.Index.create().parse(
        name, ["-std=gnu11", "-fno-spell-checking"], [(name, text.decode("ascii"))]
    )
    errors = [each for each in unit.diagnostics if each.severity >= each.Error]
    if errors:
        raise GraderError(f"{path}: clang cannot read it: {errors[0].spelling}", status=1)
    return unit


def render(text, mutants):
    """The text with every mutant in it, as bytes."""
    spans = {}
    for mutant in mutants:
        spans.setdefault((mutant.start, mutant.end), []).append(mutant)
    order = sorted(spans, key=lambda span: (span[0], -span[1]))

    def render_from(start, end, index):
        """Render [start, end), whose first span is order[index] or later;
        returns the bytes and the index of the first span after it."""
        parts, at = [], start
        while index < len(order) and order[index][0] < end:
            low, high = order[index]
            parts.append(text[at:low])
            inner, following = render_from(low, high, index + 1)
            parts.append(switched(inner, spans[(low, high)]))
            at, index = high, following
        parts.append(text[at:end])
        return b"".join(parts), index

    return f"extern int {SWITCH};\n".encode() + render_from(0, len(text), 0)[0]


def switched(inner, mutants):
    """An expression with its mutants."""
    for mutant in mutants:
        effect = b"(void)" if mutant.operator == "delete" else b""
        inner = b"(%s == %d ? (%s) : %s(%s))" % (
            SWITCH.encode(), mutant.number, mutant.after.encode(), effect, inner)
    return inner


def seed(text, path):
    """Seed preprocessed C: (its text with all mutants, the mutants).

    text: bytes, what clang -E made of the file at path; what is not ASCII in it
    becomes a question mark, as clang counts in bytes. Raises GraderError when
    clang cannot read it.
    """
    text = bytes(byte if byte < 128 else ord("?") for byte in text)
    seeder = Seeder(text, path)
    seeder.seed_unit(read(text, path))
    return render(text, seeder.mutants), seeder.mutants
