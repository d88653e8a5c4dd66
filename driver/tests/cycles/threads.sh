#!/bin/sh
# threads.sh - are the times of calls that mdriver --parallel gives the true
# ones?
#
# The calls of two stages are made longer by chains of a known number of cycles
# (longer.c). What mdriver finds for the calls must grow by as much: in stage 7,
# where all processors work on their chains at once, by the time of a chain
# divided by the number of processors; in stage 4, where a chain is worked on
# under the lock, by the time of a chain. That time is found with one thread.
#
# Run from the root after `make`; BUSY=1 with a busy loop beside it. Judging the
# figures is left to the reader.
set -eu

build=${BUILD:-build}
trace=${1:-traces/threads/private.rep}
work=$(mktemp -d)
busy=
end() {
    [ -z "$busy" ] || kill "$busy"
    rm -rf "$work"
}
trap end EXIT

longer() { # longer STAGE LENGTH: build it
    ${CC:-gcc} -O2 -std=c11 -D_DEFAULT_SOURCE -fPIC -shared -o "$work/$1-$2.so" \
        -DSOURCE="\"$(ls stages/"$1"-*/mm.c)\"" -DLENGTH="$2" -I. -Istages -Idriver \
        -DSTAGE_ALIGN=MM_ALIGN driver/tests/cycles/longer.c \
        driver/eras/seven/adapter.c "$build/libmm.a" \
        -Wl,--version-script=driver/stage.syms
}

calls() { # calls STAGE LENGTH OPTION...: ns an operation
    library=$work/$1-$2.so
    shift 2
    "$build/mdriver" -v0 --stage "$library" --json "$work/json" "$@"
    /usr/bin/python3 - "$work/json" <<'END'
import json, sys
trace = json.load(open(sys.argv[1]))["traces"][0]
seconds = trace["calls"]["seconds"] or trace["seconds"]
print(f"{seconds / trace['ops'] * 1e9:.1f}")
END
}

if [ -n "${BUSY:-}" ]; then
    (while :; do :; done) &
    busy=$!
fi

# One thread that allocates and frees.
awk 'BEGIN { print 0; print 10000; print 20000; print 1
             for (i = 0; i < 10000; i++) print "a", i, 64 "\nf", i }' \
    >"$work/one.rep"
echo "$(nproc) processors; ns an operation:"
echo "cycles   chain   stage 7  more, x processors   stage 4  more"
for length in 0 200 400 800; do
    longer 7 $length
    longer 4 $length
    one=$(calls 7 $length -f "$work/one.rep")
    seven=$(calls 7 $length --parallel -f "$trace")
    four=$(calls 4 $length --parallel -f "$trace")
    [ $length -gt 0 ] || { one_0=$one seven_0=$seven four_0=$four; }
    echo "$length $one $one_0 $seven $seven_0 $four $four_0 $(nproc)" |
        awk '{ printf "%6d %7.1f %9.1f %19.1f %9.1f %5.1f\n", $1, $2 - $3, $4,
               ($4 - $5) * $8, $6, $6 - $7 }'
done
