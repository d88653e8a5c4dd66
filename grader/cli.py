"""The command line: `python3 -m grader COMMAND`.

A command is a module of this package, named in COMMANDS, with

    add_parser(commands)  add its parser, with help, to argparse's subparsers,
                          and set_defaults(run=...) on it
    run(arguments)        do it; returns the exit status

It raises GraderError for what the user can mend, and that becomes a message
and an exit status.
"""

import argparse
import importlib
import signal
import sys

from grader import scratch
from grader.errors import GraderError

COMMANDS = ["judge", "mutants"]

EPILOG = """\
exit status:
  0  all is as it should be
  1  a submission is not
  2  wrong usage
  3  could not grade: the judge itself lacks something

docs/grader.md says how a result comes about.
"""


def make_parser():
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="python3 -m grader",
        description="Judge submissions to Seven Heaps.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"grader.{name}").add_parser(commands)
    return parser


def parse(words):
    """The arguments that a command line means, a Namespace."""
    return make_parser().parse_args(words)


def main(words=None):
    """Run the command line words (default: sys.argv's); returns the exit status.

    SIGTERM ends it as an exception does, so that nothing it started is left.
    """
    arguments = parse(words)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with scratch.folder():
            return arguments.run(arguments)
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print("grader: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
