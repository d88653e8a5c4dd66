#!/bin/sh
# globals.sh OBJECT SOURCE LIMIT - warn when the writable globals of an object
# take more than LIMIT bytes, a rule of the 2016 lab; names the largest.
set -eu

object=$1
source=$2
limit=$3
bytes=$(size -A -d "$object" | awk '
    $1 ~ /^\.t?(data|bss)/ && $1 !~ /^\.data\.rel\.ro/ {sum += $2}
    END {print sum + 0}')
[ "$bytes" -gt "$limit" ] || exit 0
largest=$(nm -S --size-sort -t d "$object" |
    awk '$3 ~ /^[bBdD]$/ {name = $4; bytes = $2 + 0}
         END {printf "%s, %d bytes", name, bytes}')
echo "$source: warning: $bytes bytes of writable globals; the 2016 lab" \
    "allowed $limit (the largest is $largest); keep tables in the heap" >&2
