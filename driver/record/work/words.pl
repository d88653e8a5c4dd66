# Read text, count its words, index them by their letters, find anagrams.
use strict;
use warnings;

my (%count, %lines, %letters);
while (my $line = <>) {
    for my $word (map { lc } $line =~ /[A-Za-z]+/g) {
        $count{$word}++;
        push @{ $lines{$word} }, $.;
    }
}
for my $word (keys %count) {
    push @{ $letters{ join '', sort split //, $word } }, $word;
}
for my $key (sort keys %letters) {
    my @words = sort @{ $letters{$key} };
    print "anagrams: @words\n" if @words > 1;
}
for my $word (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count) {
    printf "%5d %-20s %s\n", $count{$word}, $word,
        join ',', map { sprintf '%d', $_ } @{ $lines{$word} };
}
