# xz.sh FILE: compress it in two threads, and undo that.
set -eu
xz -1 -T2 --block-size=512KiB -c "$1" >packed.xz
xz -T2 -dc packed.xz | cksum
