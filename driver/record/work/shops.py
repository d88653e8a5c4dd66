"""Keep the books of four shops, a thread and a database in memory for each."""
import sqlite3
import threading

SHOPS = (3, 5, 7, 11)
opening = threading.Barrier(len(SHOPS))
takings = {}


def sales(seed):
    return ((i, f"item {i * seed % 97}", "x" * (i * seed % 61)) for i in range(500))


def shop(seed):
    books = sqlite3.connect(":memory:")
    books.execute("create table sale(id integer primary key, item text, note text)")
    opening.wait()
    books.executemany("insert into sale values(?, ?, ?)", sales(seed))
    books.execute("create index sale_item on sale(item)")
    for item in range(0, 97, 5):
        books.execute("update sale set note = note || '!' where item = ?", (f"item {item}",))
    takings[seed] = books.execute(
        "select count(*), sum(length(note)) from"
        " (select item, group_concat(note) as note from sale group by item)"
    ).fetchone()
    books.close()


threads = [threading.Thread(target=shop, args=(seed,)) for seed in SHOPS]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(takings.items()))
