#!/bin/sh
# spread.sh [RUNS] [MDRIVER-OPTION...] - how much does a score vary?
#
# Runs ./mdriver RUNS times (20) with nothing else to do, then as often with a
# busy loop on another processor, and prints the least and the largest score
# and their difference, for each stage of the run. The options after RUNS go
# to mdriver; without any it replays all traces against the stage built last.
#
# Run from the root after `make stage N`, on a machine that is idle otherwise.
set -eu

runs=${1:-20}
[ $# -eq 0 ] || shift
work=$(mktemp -d)
busy=
end() {
    [ -z "$busy" ] || kill "$busy" 2>/dev/null || :
    rm -rf "$work"
}
trap end EXIT
trap 'exit 1' INT TERM

# scores - the line "score" of a table, or the summary of a single stage.
scores() {
    sed -n -e 's/.* valid; score \([0-9.]*\) of 100 .*/\1/p' \
        -e 's/^mean score *//p' "$1" | tail -n 1
}

# repeat NAME MDRIVER-OPTION... - run it, and print what came of it.
repeat() {
    name=$1
    shift
    : >"$work/scores"
    for _ in $(seq "$runs"); do
        ./mdriver "$@" >"$work/out" || [ $? -eq 1 ]
        scores "$work/out" >>"$work/scores"
    done
    awk -v name="$name" '
        { for (i = 1; i <= NF; i++) {
              if (NR == 1 || $i < least[i]) least[i] = $i
              if (NR == 1 || $i > most[i]) most[i] = $i } }
        END { for (i = 1; i <= NF; i++)
                  printf "%s%s: %d runs, score %.1f to %.1f, spread %.1f\n",
                         name, (NF > 1 ? ", column " i : ""), NR,
                         least[i], most[i], most[i] - least[i] }
    ' "$work/scores"
}

repeat idle "$@"
sh -c 'while :; do :; done' &
busy=$!
repeat busy "$@"
