#!/bin/sh
# cycles.sh - are the cycles that mdriver prints the true ones?
#
# 1. glibc's malloc and free of 64 bytes, as mdriver -l counts them and as a
#    tight loop around them takes (tight.c).
# 2. a stage whose calls are known to take 400 and 100 cycles of the
#    processor (chain.c): mdriver must find a malloc four times a free. The
#    counter ticks at a rate of its own, so both differ by one factor.
#
# Run from the root after `make`. Judging the figures is left to the reader.
set -eu

build=${BUILD:-build}
out=$build/cycles
chosen=$(readlink "$build/stage.so" || :)
end() {
    rm -rf "$out"
    [ -z "$chosen" ] || ln -sfn "$chosen" "$build/stage.so"
}
mkdir -p "$out"
trap end EXIT

# trace LIVE - allocate LIVE blocks, free them, 10,000 pairs in all.
trace() {
    awk -v live="$1" 'BEGIN {
        print 1; print 10000; print 20000; print 1
        for (id = 0; id < 10000; id += live) {
            for (i = 0; i < live; i++) print "a", id + i, 64
            for (i = 0; i < live; i++) print "f", id + i
        }
    }'
}

# cycles FIELDS - the wanted columns of mdriver's tab-separated table.
cycles() {
    awk -F '\t' '$1 == stage { printf "%s: malloc %.1f, free %.1f, sum %.1f\n",
                               $2, $13, $14, $13 + $14 }' stage="$1"
}

trace 1 >"$out/live-1.rep"
trace 50 >"$out/live-50.rep"

echo 'glibc, by a tight loop:'
${CC:-gcc} -O2 -fno-builtin driver/tests/cycles/tight.c -o "$out/tight"
"$out/tight"
echo 'glibc, by mdriver -l:'
"$build/mdriver" --tsv --stage 3 -l -f "$out/live-1.rep" -f "$out/live-50.rep" |
    cycles libc
echo 'chains of 400 and 100, by mdriver:'
make -s stage MM=driver/tests/cycles/chain.c ERA=seven BUILD="$build" >"$out/log"
"$build/mdriver" --tsv -f "$out/live-1.rep" | cycles mm
