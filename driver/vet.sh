#!/bin/sh
# vet.sh OBJECT SOURCE - refuse a stage that defines a function of the C
# library: its version would stand in for the real one wherever the stage is
# linked (the textbook's drivers read the clock of such a stage). Exits 1
# after naming each with its line in SOURCE.
set -eu

object=$1
source=$2
libc=$(ldconfig -p 2>/dev/null | sed -n 's/.*libc\.so\.6 (libc6,x86-64.*=> //p' | head -n 1)
[ -n "$libc" ] || libc=$("${CC:-cc}" -print-file-name=libc.so.6)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nm -P --defined-only "$object" | awk '$2 ~ /^[TDBRVWi]$/ {print $1}' |
    LC_ALL=C sort -u >"$work/own"
nm -DP --defined-only "$libc" | awk '{sub(/@.*/, "", $1); print $1}' |
    LC_ALL=C sort -u >"$work/libc"
LC_ALL=C comm -12 "$work/own" "$work/libc" >"$work/both"
[ -s "$work/both" ] || exit 0
while read -r name; do
    line=$(grep -nw -- "$name" "$source" | head -n 1 | cut -d: -f1)
    echo "$source:${line:-1}: error: defines $name, a function of the C" \
        "library; rename it or make it static" >&2
done <"$work/both"
exit 1
