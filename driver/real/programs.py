"""The programs that `make real` runs, what they work on, and what is checked.

In the words of a command {size} is the program's small or full input, {root}
the lab's folder, {work} the one of scripts for programs, {input} a folder that
`prepare` has filled, {port} a free TCP port and {python} the interpreter that
runs this file. Commands run in an empty folder, with LC_ALL=C.
"""

import dataclasses


@dataclasses.dataclass
class Program:
    """A command that always says the same, if its allocator is right."""

    name: str
    about: str
    needs: dict  # what has to be there -> the Debian package that has it
    command: tuple  # the words of what is measured
    full: str  # {size} of the usual run
    small: str  # {size} of a run that a slow stage can do, and of tests
    environment: dict = dataclasses.field(default_factory=dict)
    results: tuple = ()  # files to compare, beside what is printed
    prepare: tuple = ()  # words of a command, run once before
    client: tuple = ()  # words of what talks to the command, and is not
    #                     measured; what it prints is then compared


PROGRAMS = [
    Program(
        name="sqlite",
        about="a database on disk: tables, indexes, queries, a check of it all",
        needs={"sqlite3": "sqlite3"},
        command=(
            "sqlite3",
            "-bail",
            "-cmd",
            "create table size as select {size} as n",
            "books.db",
            ".read {work}/shop.sql",
        ),
        full="12000",
        small="300",
        results=("books.db",),
    ),
    Program(
        name="sqlite-threads",
        about="two databases in memory, in two threads of a python",
        needs={},
        command=("{python}", "-S", "{work}/shops.py", "{size}"),
        full="30000",
        small="300",
        environment={"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"},
    ),
    Program(
        name="python",
        about="modules parsed, walked and counted, every object from malloc",
        needs={},
        command=("{python}", "-S", "{work}/modules.py", "{size}"),
        full="ast,argparse,tarfile,inspect",
        small="bisect",
        environment={"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"},
    ),
    Program(
        name="lua",
        about="trees built and dropped, strings put together, closures",
        needs={"lua5.4": "lua5.4"},
        command=("lua5.4", "{work}/trees.lua", "{size}"),
        full="15",
        small="8",
    ),
    Program(
        name="perl",
        about="the words of this lab's source, indexed in hashes of arrays",
        needs={"perl": "perl"},
        command=("perl", "{work}/index.pl", "4", "{input}/text"),
        full="150000",
        small="5000",
        environment={"PERL_HASH_SEED": "0"},
        prepare=("sh", "-c", "cat {root}/driver/*.c | head -c {size} >{input}/text"),
    ),
    Program(
        name="gcc",
        about="a C file of this lab compiled with -O2 and assembled",
        needs={"gcc": "gcc"},
        command=(
            *("gcc", "-O2", "-g", "-c", "-I{root}/stages", "-I{root}/driver"),
            *("{root}/{size}", "-o", "out.o"),
        ),
        full="driver/trace.c",
        small="stages/1-bump/mm.c",
        results=("out.o",),
    ),
    Program(
        name="git",
        about="clone, gc, fsck, log and blame of a repository",
        needs={"git": "git"},
        command=("sh", "{work}/git.sh", "{input}/repository"),
        full="60",
        small="6",
        prepare=(
            *("sh", "{root}/driver/record/work/history.sh"),
            *("{input}/repository", "{size}"),
        ),
    ),
    Program(
        name="redis",
        about="a server on loopback under redis-benchmark; the server is measured",
        needs={"redis-server": "redis-server", "redis-benchmark": "redis-tools"},
        command=(
            *("redis-server", "--bind", "127.0.0.1", "--port", "{port}"),
            *("--save", "", "--appendonly", "no"),
        ),
        full="3000",
        small="300",
        client=("sh", "{work}/load.sh", "{port}", "{size}"),
    ),
    Program(
        name="xz",
        about="text packed and unpacked in two threads",
        needs={"xz": "xz-utils"},
        command=("sh", "{work}/xz.sh", "{input}/text"),
        full="3000000",
        small="300000",
        results=("packed.xz",),
        prepare=("sh", "-c", "cat {root}/traces/*.rep | head -c {size} >{input}/text"),
    ),
]
