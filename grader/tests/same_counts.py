#!/usr/bin/python3
"""Judge one submission several times by instructions, idle and loaded.

Prints the scores; they must agree to the last digit. `--runs 10` is what
docs/instructions.md shows. Exit status: 0 when they do.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

LAB = pathlib.Path(__file__).resolve().parent.parent.parent


def judge(arguments, folder):
    """The score of each trace, and of the whole, of one run."""
    subprocess.run(
        ["/usr/bin/python3", "-m", "grader", "judge", arguments.path, "--stage", arguments.stage,
         "--metric", "instructions", "--traces", arguments.traces, "--build", arguments.build,
         "--json-dir", folder],
        cwd=LAB, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    result = json.loads(next(pathlib.Path(folder).glob("*/result.json")).read_text())
    return {"score": result["score"]} | {trace["name"]: trace["score"] for trace in result["traces"]}


def busy():
    """A process that keeps a processor busy."""
    return subprocess.Popen([sys.executable, "-c", "while True: pass"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", help="an mm.c")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--build", default=str(LAB / "build"))
    parser.add_argument("--traces", default=str(LAB / "traces"))
    parser.add_argument("--runs", type=int, default=10, help="idle, and as many loaded")
    arguments = parser.parse_args()
    found = []
    for load in (0, os.cpu_count()):
        others = [busy() for _ in range(load)]
        try:
            for _ in range(arguments.runs):
                with tempfile.TemporaryDirectory() as folder:
                    found.append(judge(arguments, folder))
                print(f"{load} busy processes: score {found[-1]['score']!r}", flush=True)
        finally:
            for other in others:
                other.kill()
    differ = sorted(name for name in found[0] if len({run[name] for run in found}) > 1)
    print(f"{len(found)} runs, {len(found[0])} scores each: "
          + (f"these differ: {', '.join(differ)}" if differ else "all the same"))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
