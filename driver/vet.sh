#!/bin/sh
# vet.sh OBJECT SOURCE LIBRARY - look at a stage before it is let near the
# driver. Names each fault with its line in SOURCE and exits 1 when
# - it defines a function of the C library: its version would stand in for the
#   real one wherever the stage is linked (the textbook's drivers read the
#   clock of such a stage);
# - it uses a name that neither the C library nor memlib.h offers: the driver
#   could not load it.
# OBJECT is the stage alone, LIBRARY the shared object made of it.
set -eu

object=$1
source=$2
library=$3
here=$(dirname "$0")
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of several versions of a name, nm marks the one that programs get with @@.
for name in libc.so.6 libm.so.6 libpthread.so.0; do
    file=$(${CC:-gcc} -print-file-name=$name)
    [ ! -e "$file" ] || nm -DP --defined-only "$file"
done | awk '$1 !~ /[^@]@[^@]/ { sub(/@.*/, "", $1); print $1 }' |
    sort -u >"$work/libc"
sed -n 's/^ *\(mem_[a-z_]*\);/\1/p' "$here/memlib.syms" |
    sort -u - "$work/libc" >"$work/offered"

nm -P --defined-only "$object" | awk '$2 ~ /^[TDBRVWi]$/ { print $1 }' |
    sort -u | comm -12 - "$work/libc" >"$work/taken"
# Names that begin with two underscores are the compiler's own.
nm -DP --undefined-only "$library" |
    awk '$2 == "U" && $1 !~ /^__/ { sub(/@.*/, "", $1); print $1 }' |
    sort -u | comm -23 - "$work/offered" >"$work/missing"

tell() { # tell FILE-OF-NAMES SENTENCE
    while read -r name; do
        line=$(grep -nw -- "$name" "$source" | head -n 1 | cut -d: -f1)
        echo "$source:${line:-1}: error: $name: $2" >&2
    done <"$1"
}
tell "$work/taken" "a function of the C library has this name; choose \
another, or make yours static"
tell "$work/missing" "neither the C library nor memlib.h has it"
[ ! -s "$work/taken" ] && [ ! -s "$work/missing" ]
