"""Two threads cut a text into jobs, three others do them, one adds up."""
import collections
import json
import queue
import re
import sys
import threading

sys.setswitchinterval(1e-4)
jobs = queue.Queue(maxsize=40)
answers = queue.Queue(maxsize=40)


def cut(lines):
    for number, line in lines:
        jobs.put({"number": number, "words": line.split(), "text": line})


def work():
    for job in iter(jobs.get, None):
        sizes = collections.Counter(len(word) for word in job["words"])
        upper = re.sub("[aeiou]", lambda vowel: vowel.group().upper(), job["text"])
        answers.put(json.dumps({"sizes": sizes, "text": upper}))
    answers.put(None)


def add_up(workers):
    total = collections.Counter()
    while workers:
        answer = answers.get()
        if answer is None:
            workers -= 1
        else:
            total.update(json.loads(answer)["sizes"])
    print(sum(total.values()), total.most_common(3))


def start(target, *args):
    thread = threading.Thread(target=target, args=args)
    thread.start()
    return thread


with open(sys.argv[1], encoding="utf-8") as source:
    text = list(enumerate(source))
cutters = [start(cut, text[first::2]) for first in range(2)]
rest = [start(work) for _ in range(3)] + [start(add_up, 3)]
for thread in cutters:
    thread.join()
for _ in range(3):
    jobs.put(None)
for thread in rest:
    thread.join()
