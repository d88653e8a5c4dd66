#!/bin/sh
# diff.sh OLD NEW - what changed from one stage's file to another's: the diff
# (in colour on a terminal), then how many lines of code it adds and removes,
# comments and blank lines left out.
set -eu

old=$1
new=$2
colour=never
[ -t 1 ] && colour=always

code() { # the code of a file: gcc drops the comments, grep the blank lines
    gcc -fpreprocessed -dD -E -P "$1" | grep -v '^[[:space:]]*$'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
code "$old" >"$work/old"
code "$new" >"$work/new"

git --no-pager diff --no-index --color="$colour" -- "$old" "$new" || true
git --no-pager diff --no-index --numstat -- "$work/old" "$work/new" |
    awk -v old="$old" -v new="$new" '
        { added = $1; removed = $2 }
        END {
            printf "\n%d lines of code changed (%d added, %d removed) from " \
                   "%s to %s, comments and blank lines not counted.\n",
                   added + removed, added, removed, old, new
        }'
