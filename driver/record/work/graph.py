"""Parse Python sources, draw up who calls whom, write and read it as JSON."""
import ast
import collections
import json
import re
import sys


def functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def calls(function):
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def main(paths):
    graph = collections.defaultdict(set)
    words = collections.Counter()
    for path in paths:
        with open(path, encoding="utf-8") as source:
            text = source.read()
        words.update(re.findall(r"[a-z]{3,}", text))
        for function in functions(ast.parse(text)):
            graph[function.name].update(calls(function))
    text = json.dumps({name: sorted(to) for name, to in sorted(graph.items())})
    again = json.loads(text)
    print(len(again), len(text), words.most_common(5))


main(sys.argv[1:])
