"""`python3 -m grader judge`: build, vet, run and score submissions."""

from grader.errors import GraderError


def add_parser(commands):
    """Add the command's parser to argparse's subparsers."""
    parser = commands.add_parser("judge", help="build, vet, run and score submissions")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="an mm.c, or a folder that holds one")
    parser.add_argument("--stage", required=True, help="number or name of the stage")
    parser.set_defaults(run=run)


def run(arguments):
    """Judge what the command line names."""
    raise GraderError("the judge is not built yet")
