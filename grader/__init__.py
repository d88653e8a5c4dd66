"""The judge of Seven Heaps: what a submission is worth, found out from outside.

See docs/grader.md. Each module that is a command has add_parser and run; see
cli.py.
"""

import pathlib

# The folder of the lab: that of the Makefile.
LAB = pathlib.Path(__file__).resolve().parent.parent
