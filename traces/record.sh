#!/bin/sh
# record.sh [NAME...] - record the traces of real programs anew, or just those
# named, each with `make record` and the command that stands in its file.
#
# Takes less than a minute. The programs, on Debian 12, come with
#   make deps
# The same calls come every time but for a few that depend on something else:
# the length of a process number (bash), the order of a hash table of
# addresses (cc1, clang, gdb, python, troff) or with a random seed (xmllint),
# the time between two requests (redis). How threads take turns is never the
# same twice.
set -eu
cd "$(dirname "$0")/.."

total=$(grep -c '^record ' "$0")
number=0
failed=
wanted=" $* "

# record NAME PROGRAM OPS SKIP ABOUT COMMAND
record() {
    number=$((number + 1))
    case $wanted in "  " | *" $1 "*) ;; *) return 0 ;; esac
    echo "[$number/$total] $1"
    mkdir -p build/record/work
    make -s record OUT="traces/$1.rep" PROGRAM="$2" OPS="$3" SKIP="$4" \
        ABOUT="$5" CMD="$(printf '%s' "$6" | sed 's/\$/$$/g')" \
        >build/record/work/output || failed="$failed $1"
    rm -rf build/record/work
}

work=driver/record/work
license=/usr/share/common-licenses/GPL-3

record bash bash 40000 0 \
    'a shell script: many short strings, each living for one command' \
    "LC_ALL=C bash $work/inventory.sh"

record cc1 cc1 50000 0 \
    'the C compiler: trees and tables that grow through the run' \
    'gcc -O2 -S -Istages -Idriver driver/trace.c -o /dev/null'

record clang clang 50000 60000 \
    'a compiler in C++, amid its work: containers of all sizes that grow' \
    'clang-14 -O1 -c -Istages -Idriver driver/trace.c -o /dev/null'

record gawk gawk 50000 0 \
    'awk over a text: strings that grow by appending, associative arrays' \
    "LC_ALL=C gawk -f $work/report.awk $license"

record gdb gdb 50000 20000 \
    'a debugger reading symbols, stopping in a program, printing its types' \
    'LC_ALL=C gdb -nx -batch -iex "maint set worker-threads 0" -ex "info functions rep" -ex "break main" -ex run -ex bt -ex "info locals" -ex "ptype o" build/record/record'

record git git 50000 0 \
    'git log with patches: whole files read, compared and dropped' \
    "env -u LD_PRELOAD sh $work/history.sh build/record/work/repo; git -C build/record/work/repo log -p --stat"

record jq jq 60000 0 \
    'jq: JSON values shared by count, all given back at the end' \
    "jq -n -f $work/people.jq"

record ld ld 50000 0 \
    'the linker: whole sections and symbol tables, few of them freed' \
    "echo 'int puts(const char *); int main(void) { return puts(\"\"); }' | gcc -static -x c - -o build/record/work/hello"

record lua lua5.4 50000 0 \
    'an interpreter with a collector: tables, closures, strings in waves' \
    "lua5.4 $work/queens.lua"

record make make 50000 0 \
    'make reading a large makefile: strings expanded, rules that stay' \
    "LC_ALL=C make -rnB -f $work/rules.mk"

record perl perl 50000 20000 \
    'perl over a text: hashes of arrays, strings split, sorted and joined' \
    "LC_ALL=C PERL_HASH_SEED=0 perl $work/words.pl $license"

record python python3 50000 50000 \
    'python with every object from malloc: parsing, sets, regular expressions' \
    "PYTHONMALLOC=malloc PYTHONHASHSEED=0 /usr/bin/python3 -S $work/graph.py /usr/lib/python3.11/ast.py"

record redis redis-server 50000 20000 \
    'a key-value server under load: short requests among lasting values' \
    "sh $work/serve.sh build/record/work"

record sqlite sqlite3 50000 0 \
    'a database in memory: pages, indexes, sorting, many statements parsed' \
    "sqlite3 :memory: <$work/orders.sql"

record troff troff 50000 20000 \
    'a formatter in C++ on a manual page: nodes of a few bytes by thousands' \
    'zcat /usr/share/man/man1/bash.1.gz | groff -man -Tutf8'

record vim vim 50000 5000 \
    'an editor: lines replaced one by one, and kept for undo' \
    "LC_ALL=C vim -Nu NONE -i NONE -es -S $work/edit.vim $license"

record xmllint xmllint 50000 0 \
    'an XML tree built, searched by path, and freed as a whole' \
    "LC_ALL=C gawk -f $work/catalog.awk | xmllint --xpath '//book[author/first=\"A1\"]/title' -"

record xz xz 50000 0 \
    'a compressor on 2000 small files: few blocks, most of them large' \
    'seq 200000 | split -l 100 -a 4 - build/record/work/part. && xz -0 build/record/work/part.*'

# --- with threads

record threads/git-pack git 40000 0 \
    'git packing objects: two threads look for what resembles what' \
    "env -u LD_PRELOAD sh $work/history.sh build/record/work/repo; git -C build/record/work/repo -c pack.threads=2 repack -adfq --window=60"

record threads/gold ld.gold 28000 0 \
    'a linker that reads its files in four threads' \
    "gcc -fuse-ld=gold -Wl,--threads,--thread-count,4 build/driver/*.o -ldl -lm -o build/record/work/mdriver"

record threads/perl-threads perl 30000 30000 \
    'four interpreters in a process, each cloned, at work and torn down' \
    "LC_ALL=C PERL_HASH_SEED=0 perl $work/crews.pl $license"

record threads/python-jobs python3 30000 90000 \
    'python threads that hand jobs and answers round through queues' \
    "PYTHONMALLOC=malloc PYTHONHASHSEED=0 /usr/bin/python3 -S $work/jobs.py $license"

record threads/redis-io redis-server 30000 20000 \
    'a key-value server whose requests are read in four threads' \
    "sh $work/serve.sh build/record/work --io-threads 4 --io-threads-do-reads yes"

record threads/sqlite-threads python3 40000 0 \
    'four databases in memory, one in each of four threads' \
    "PYTHONHASHSEED=0 /usr/bin/python3 -S $work/shops.py"

[ -z "$failed" ] || {
    echo "not recorded:$failed" >&2
    exit 1
}
