# tap.sh - for a test script: `. driver/tests/tap.sh`, then `check` for each
# test and `tap_end` as the last command. Gives an empty folder, $work.

tap_count=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # check DESCRIPTION COMMAND...: a test, passed if COMMAND succeeds
    tap_count=$((tap_count + 1))
    tap_what=$1
    shift
    if "$@" >"$work/tap.log" 2>&1; then
        echo "ok $tap_count - $tap_what"
    else
        echo "not ok $tap_count - $tap_what"
        sed 's/^/# /' "$work/tap.log"
    fi
}

tap_end() { # without it the runner sees that the script stopped half-way
    echo "1..$tap_count"
}
