# Read text: how words follow each other, and a report built as one string.
{
    gsub(/[^A-Za-z]+/, " ")
    n = split(tolower($0), word, " ")
    for (i = 1; i <= n; i++) {
        count[word[i]]++
        if (last != "")
            after[last] = after[last] " " word[i]
        last = word[i]
    }
}
END {
    PROCINFO["sorted_in"] = "@val_num_desc"
    for (w in count) {
        n = split(after[w], followers, " ")
        delete seen
        distinct = 0
        for (i = 1; i <= n; i++)
            if (!(followers[i] in seen)) {
                seen[followers[i]] = 1
                distinct++
            }
        report = report sprintf("%s: %d times, then %d words\n", w, count[w], distinct)
    }
    printf "%s", report
}
