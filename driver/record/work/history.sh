# history.sh DIR [COMMITS] - make a git repository in DIR, of 60 commits or as
# many as are wanted, on up to 40 files.
set -eu
export GIT_AUTHOR_NAME=nobody GIT_AUTHOR_EMAIL=nobody@example.org
export GIT_COMMITTER_NAME=nobody GIT_COMMITTER_EMAIL=nobody@example.org
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

commits=${2:-60}
git init -q -b main "$1"
cd "$1"
for commit in $(seq "$commits"); do
    for file in $(seq 1 $((commit % 5 + 1))); do
        name="part$(((commit * 7 + file * 3) % 40)).txt"
        {
            [ ! -f "$name" ] || sed "$((commit % 9 + 2)),+2d" "$name"
            seq "$((commit * file))" "$((commit * file + 30))" |
                sed "s/\$/ line of commit $commit/"
        } >next
        mv next "$name"
    done
    git add -A
    GIT_AUTHOR_DATE="@$((1704067200 + commit * 3600)) +0000" \
        GIT_COMMITTER_DATE="@$((1704067200 + commit * 3600)) +0000" \
        git commit -qm "Change number $commit"
done
