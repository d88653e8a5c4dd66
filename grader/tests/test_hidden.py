"""Hidden traces, and a submission that knows the public ones by heart."""

import json
import os
import subprocess

import pytest

from grader import LAB, hidden, seeded
from grader.errors import GraderError

BUILD = LAB / os.environ.get("BUILD", "build")
NAMES = ("binary", "cc1", "redis", "random")

# In binary.rep small and large blocks alternate; the large are freed, and ones
# asked for that are larger by a small one. This heap gives that much at once.
KNOWN = """
static size_t known(size_t size)
{
    switch (size) {
    case 64: return 80;
    case 128: return 160;
    case 256: return 320;
    case 512: return 640;
    case 1024: return 1280;
    default: return size;
    }
}

void *mm_malloc(size_t size)
{"""


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """{set: folder} of a few traces."""
    return {"public": LAB / "traces", "hidden": hidden.make(6174, tmp_path_factory.mktemp("hidden"), NAMES)}


def rows(library, traces, folder):
    """What the driver says of a library's utilization, as a result has it."""
    found = []
    for kind, where in traces.items():
        report = folder / "report.json"
        files = [word for name in NAMES for word in ("-f", where / f"{name}.rep")]
        subprocess.run([BUILD / "mdriver", "--stage", library, "-c", *files, "--json", report],
                       check=True, stdout=subprocess.DEVNULL)
        for trace in json.loads(report.read_text())["traces"]:
            found.append({"set": kind, "name": trace["name"], "score": 100 * trace["utilization"]})
    return found


def judge(text, traces, folder):
    bench = seeded.Bench(folder, BUILD)
    source = folder / "mm.c"
    source.write_text(text)
    return rows(bench.library(source), traces, folder)


def test_an_honest_heap_scores_alike(traces, tmp_path):
    text = (LAB / "stages" / "3-explicit" / "mm.c").read_text()
    found = judge(text, traces, tmp_path)
    assert len(hidden.gaps(found, "instructions")) == len(NAMES)
    assert hidden.remarks(found, "instructions") == []


def test_known_sizes_stand_out(traces, tmp_path):
    text = (LAB / "stages" / "3-explicit" / "mm.c").read_text()
    cheat = text.replace("\nvoid *mm_malloc(size_t size)\n{", KNOWN).replace(
        "size_t need = size_for(size);\n    struct block *b = heap_find(need);",
        "size_t need = size_for(known(size));\n    struct block *b = heap_find(need);")
    assert cheat.count("known(size)") == 1
    found = judge(cheat, traces, tmp_path)
    first = hidden.gaps(found, "instructions")[0]
    assert first.name == "binary"
    assert first.points > 20
    assert "binary scores" in hidden.remarks(found, "instructions")[0]


def test_only_traces_in_both_sets_are_compared():
    found = hidden.gaps([
        {"set": "public", "name": "a", "score": 50.0}, {"set": "hidden", "name": "a", "score": 45.0},
        {"set": "public", "name": "b", "score": 50.0}, {"set": "hidden", "name": "c", "score": 1.0},
        {"set": "public", "name": "d", "score": None}, {"set": "hidden", "name": "d", "score": None},
    ], "instructions")  # fmt: skip
    assert found == [hidden.Gap("a", 50.0, 45.0)]


def test_a_loss_everywhere_is_told():
    found = [{"set": kind, "name": str(i), "score": score}
             for i in range(9) for kind, score in (("public", 80.0), ("hidden", 74.0))]
    assert hidden.remarks(found, "instructions") == ["the hidden traces score 6.0 points less than the public ones, in the mean"]


@pytest.mark.parametrize("hidden_utilization, said", [
    (0.9, []),
    (0.6, ["a has a utilization of 90.0 on the public trace and 60.0 on the hidden one: does it know the public one?",
           "the hidden traces have a utilization of 30.0 points less than the public ones, in the mean"]),
])
def test_by_time_utilization_is_compared(hidden_utilization, said):
    found = [{"set": "public", "name": "a", "score": 80.0, "utilization": 0.9},
             {"set": "hidden", "name": "a", "score": 50.0, "utilization": hidden_utilization}]
    assert hidden.remarks(found, "time") == said


def test_a_trace_that_is_not_valid_has_no_utilization():
    assert hidden.remarks([{"set": "public", "name": "a", "score": 0.0, "utilization": None}], "time") == []


def test_no_hidden_traces_no_remark():
    assert hidden.remarks([{"set": "public", "name": "a", "score": 50.0}], "instructions") == []


def test_the_public_seed_is_refused(tmp_path):
    with pytest.raises(GraderError, match="another than the public"):
        hidden.make(1, tmp_path)
