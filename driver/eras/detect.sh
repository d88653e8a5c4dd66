#!/bin/sh
# detect.sh FILE - print the era an mm.c was written for: 2016, 2010, classic
# or seven, and say on standard error by which line it was told.
set -eu

file=$1

# guess ERA PATTERN - if a line matches PATTERN, print ERA and be done.
guess() {
    line=$(grep -nE -- "$2" "$file" | head -n 1)
    [ -n "$line" ] || return 0
    echo "$file:${line%%:*}: taken for an mm.c of the $1 era" \
        "(ERA=... says otherwise): ${line#*:}" >&2
    echo "$1"
    exit 0
}

[ -r "$file" ] || { echo "$file: cannot be read" >&2; exit 1; }
guess 2016 '^[[:space:]]*(extern[[:space:]]+)?bool[[:space:]]+mm_init[[:space:]]*\('
guess 2010 '^[[:space:]]*#[[:space:]]*ifdef[[:space:]]+DRIVER'
guess classic '(^|[^[:alnum:]_])team_t[[:space:]]'
guess classic '^[[:space:]]*#[[:space:]]*define[[:space:]]+ALIGNMENT[[:space:]]+8([^0-9]|$)'
echo "$file: has no mark of a textbook's era, so taken for an mm.c of this" \
    "lab, stages/mm.h (ERA=... says otherwise)" >&2
echo seven
