# preload.sh - for the scripts that test the preload library: source it after
# tap.sh. Gives $here, $build and $stages.

here=driver/tests/preload
build=$(realpath "$BUILD")
stages=$(ls "$build" | sed -n 's/^libmm-\([0-9]\)\.so$/\1/p')

# For mdriver, which otherwise reserves addresses for 16 GiB or more: memcheck
# takes a second to note that of each page.
memcheck='prlimit --as=4294967296 valgrind'

compile() { # compile NAME [FLAG...]: preload/NAME.c to $work/NAME
    name=$1
    shift
    "${CC:-cc}" -std=gnu11 -g -O1 -Wall -Wextra -pthread \
        -o "$work/$name" "$here/$name.c" "$@"
}

compile_all() { # compile_all NAME...
    for each; do
        compile "$each" || echo "Bail out! $each.c does not compile"
    done
}

under() { # under N COMMAND...: with stage N's malloc; 0 is the C library's
    library=$build/libmm-$1.so
    [ "$1" != 0 ] || library=
    shift
    LD_PRELOAD=$library timeout 100 "$@"
}

real() { # real N COMMAND: its output is as under the C library
    under 0 sh -c "$2" >"$work/expected" 2>&1
    under "$1" sh -c "$2" >"$work/found" 2>&1
    [ -s "$work/expected" ] && diff "$work/expected" "$work/found"
}

# A make below starts anew.
unset MAKEFLAGS MAKELEVEL MFLAGS CFLAGS TOOL MM MM_STATS
