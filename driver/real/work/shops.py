"""Two threads, each with a database in memory, which sqlite works on at once.

usage: shops.py SALES
"""

import sqlite3
import sys
import threading

COUNT = int(sys.argv[1])
takings = {}


def sales(seed):
    return ((i, f"item {i * seed % 97}", "x" * (i * seed % 61)) for i in range(COUNT))


def shop(seed):
    books = sqlite3.connect(":memory:")
    books.execute("create table sale(id integer primary key, item text, note text)")
    books.executemany("insert into sale values(?, ?, ?)", sales(seed))
    books.execute("create index sale_item on sale(item)")
    for item in range(0, 97, 5):
        books.execute("update sale set note = note || '!' where item = ?", (f"item {item}",))
    takings[seed] = books.execute(
        "select count(*), sum(length(note)), max(note) from"
        " (select item, group_concat(note) as note from sale group by item)"
    ).fetchone()
    takings[-seed] = books.execute("pragma integrity_check").fetchone()
    books.close()


threads = [threading.Thread(target=shop, args=(seed,)) for seed in (3, 7)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(takings.items()))
