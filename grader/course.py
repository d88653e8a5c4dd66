"""What a course holds submissions to: course.toml, and a file over it."""

import copy
import pathlib
import re
import tomllib

from grader.errors import UsageError

DEFAULTS = pathlib.Path(__file__).with_name("course.toml")

ACTIONS = ("break", "review", "ignore")

# Rule -> what it forbids; the text stands behind each finding.
RULES = {
    "files": "a submission is one mm.c, with its headers beside it: plain files with plain names",
    "include": "only headers of the C library, of the lab and those beside mm.c may be included",
    "embed": "no other file may be taken into the object file",
    "asm": "assembly can do what C cannot; a person should see what it is for",
    "undefined-symbol": "an allocator uses memlib.h and a few functions of the C library",
    "defined-symbol": "a function of the C library must not be replaced",
    "constructor": "nothing may run before mm_init, or when the program ends",
    "ifunc": "nothing may run while the program is loaded",
    "section": "code and data lie where the compiler puts them",
    "system-call": "an allocator gets its memory from memlib.h, not from the kernel",
    "clock": "an allocator must not look at the time or at the processor",
    "client-request": "instructions are counted by Valgrind, which must not be spoken to",
    "hidden-code": "bytes that would be a system call or a clock if they were jumped into",
    "static-data": "an allocator's memory comes from memlib.h, where it is counted",
    "forbidden-call": "a system call that nothing in the box may make",
    "output": "more output than is let through",
}


class Course:
    """The settings, by section: course["limits"]["static_data"]."""

    def __init__(self, settings):
        self.settings = settings

    def __getitem__(self, section):
        return self.settings[section]

    def action(self, rule):
        """One of ACTIONS."""
        return self.settings["rules"][rule]

    def allows_symbol(self, name):
        """Whether a submission may use a name that it does not define."""
        return bool(self.allowed.fullmatch(name))

    @property
    def allowed(self):
        """The regular expression of those names."""
        names = [name for group in self.settings["symbols"].values() for name in group]
        return re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in names) or "(?!)")


def read_toml(path):
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error


def override(defaults, given, path, section=""):
    """Put the values given over the defaults, of the same names and kinds."""
    for key, value in given.items():
        name = f"{section}.{key}" if section else key
        if key not in defaults and section != "symbols":
            known = ", ".join(defaults)
            raise UsageError(f"{path}: {name}: no such setting; there are {known}")
        wanted = type(defaults.get(key, []))
        if type(value) is not wanted:
            raise UsageError(f"{path}: {name}: expected {wanted.__name__}, found {type(value).__name__}")
        if wanted is dict:
            override(defaults[key], value, path, name)
        else:
            defaults[key] = value


def check(settings, path):
    """Refuse values of the right kind that mean nothing."""
    for rule, action in settings["rules"].items():
        if action not in ACTIONS:
            raise UsageError(f"{path}: rules.{rule}: {action!r}: say one of {', '.join(ACTIONS)}")
    for section in ("submission", "run", "limits"):
        for key, value in settings[section].items():
            if value < 0:
                raise UsageError(f"{path}: {section}.{key}: {value} is less than nothing")
    for section, key in (("compile", "flags"), *(("symbols", key) for key in settings["symbols"])):
        if not all(isinstance(word, str) for word in settings[section][key]):
            raise UsageError(f"{path}: {section}.{key}: expected a list of strings")


def load(path=None):
    """The defaults, with the file at path over them if one is given.

    Returns a Course; raises UsageError for a file that cannot be meant.
    """
    settings = copy.deepcopy(read_toml(DEFAULTS))
    if path:
        override(settings, read_toml(path), path)
    check(settings, path or DEFAULTS)
    return Course(settings)
