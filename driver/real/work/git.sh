# git.sh REPOSITORY: clone, pack, verify and read a repository.
set -eu
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

git clone -q "file://$1" copy
cd copy
git gc -q --aggressive --prune=now
git fsck --full --strict
git rev-list --objects --all | git cat-file --batch-check='%(objectname)' |
    sort | cksum
git log -p --stat --all | cksum
for file in *.txt; do
    git blame "$file" | cksum
done
