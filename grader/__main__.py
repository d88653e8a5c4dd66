"""`python3 -m grader`: starts cli.main under a Python that has the libraries.

The python3 on PATH is not always Debian's, and then it lacks what `make deps`
installed. In that case /usr/bin/python3 takes over.
"""

import importlib.util
import os
import signal
import sys

DEBIAN = "/usr/bin/python3"

# Module -> the Debian package that brings it.
LIBRARIES = {
    "elftools": "python3-pyelftools",
    "jsonschema": "python3-jsonschema",
    "matplotlib": "python3-matplotlib",
    "rich": "python3-rich",
    "seccomp": "python3-seccomp",
}


def missing_packages():
    """Names of the Debian packages whose modules this Python does not find."""
    return [package for module, package in LIBRARIES.items() if not importlib.util.find_spec(module)]


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while nothing has been started
    missing = missing_packages()
    if missing and sys.executable != DEBIAN and os.access(DEBIAN, os.X_OK):
        os.execv(DEBIAN, [DEBIAN, "-m", "grader", *sys.argv[1:]])
    if missing:
        print(
            f"grader: {sys.executable} lacks {', '.join(missing)}: run `make deps`, "
            f"or install them by hand and use {DEBIAN}",
            file=sys.stderr,
        )
        return 3
    if sys.version_info < (3, 11):
        print(f"grader: {sys.executable} is older than Python 3.11", file=sys.stderr)
        return 3
    from grader import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
