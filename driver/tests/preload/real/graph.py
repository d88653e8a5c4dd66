"""Objects of many kinds, threads, a pipe to another process, and JSON."""
import collections
import concurrent.futures
import json
import random
import subprocess
import sys

random.seed(3)
edges = collections.defaultdict(set)
for _ in range(6000):
    a, b = random.randrange(1500), random.randrange(1500)
    edges[a].add(b)
    edges[b].add(a)


def reach(start):
    """How far each node is from start, added up."""
    far, queue = {start: 0}, collections.deque([start])
    while queue:
        node = queue.popleft()
        for other in edges[node]:
            if other not in far:
                far[other] = far[node] + 1
                queue.append(other)
    return sum(far.values())


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    sums = list(pool.map(reach, range(0, 40)))
text = json.dumps({str(k): sorted(v) for k, v in edges.items()}, sort_keys=True)
back = json.loads(text)
child = subprocess.run(
    [sys.executable, "-c", "import sys; print(len(sys.stdin.read()))"],
    input=text * 3, capture_output=True, text=True, check=True,
)
print(sum(sums), len(text), len(back), child.stdout.strip())
print(sum(i * i for i in range(2000)) ** 40 % 10**50)
