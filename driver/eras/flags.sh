#!/bin/sh
# flags.sh ERA FILE - print the compiler flags an mm.c of that era needs.
#
# The lab's handouts disagreed on what mm_checkheap returns, so for the two
# older eras it is declared as FILE defines it.
set -eu

era=$1
file=$2
printf '%s' "-I driver/eras/$era"
case $era in
seven) printf ' %s' -Istages -Idriver ;;
2010 | 2016) printf ' %s' -DDRIVER ;;
esac
case $era in
classic | 2010)
    grep -qE '^static.*[^[:alnum:]_]mm_checkheap' "$file" ||
        sed -nE 's/^(void|int)[[:space:]]+mm_checkheap[[:space:]]*\([[:space:]]*int([[:space:]].*|\).*)?$/ -DTEXTBOOK_CHECKHEAP=\1/p' \
            "$file" | head -n 1 | tr -d '\n'
    ;;
esac
echo
