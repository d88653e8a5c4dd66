# Write an XML catalog of 700 books, for xmllint to read into a tree.
BEGIN {
    print "<?xml version=\"1.0\"?>\n<catalog>"
    for (i = 1; i <= 700; i++) {
        printf "<book id=\"b%d\" lang=\"%s\">", i, i % 3 ? "en" : "de"
        printf "<title>Volume %d &amp; its %d pages</title>", i, i * 7 % 900
        for (j = 0; j < i % 4; j++)
            printf "<author><first>A%d</first><last>L%d</last></author>", j, i * j % 101
        if (i % 5 == 0)
            printf "<!-- reprint --><note><![CDATA[see < %d >]]></note>", i - 1
        print "</book>"
    }
    print "</catalog>"
}
