# index.pl ROUNDS FILE...: index the words of the files, find anagrams.
use strict;
use warnings;

my $rounds = shift;
my @lines = <>;
for my $round (1 .. $rounds) {
    my (%lines, %letters);
    for my $number (0 .. $#lines) {
        for my $word (map { lc } $lines[$number] =~ /[A-Za-z]+/g) {
            push @{ $lines{$word} }, $number * $round;
        }
    }
    for my $word (sort keys %lines) {
        push @{ $letters{ join '', sort split //, $word } }, $word;
    }
    my @groups = sort map { join ' ', @$_ } grep { @$_ > 1 } values %letters;
    my @rows = map { "$_ " . join ',', @{ $lines{$_} } } sort keys %lines;
    my $text = join "\n", @groups, @rows;
    printf "%d words, %d groups, %d bytes, sum %u\n", scalar(keys %lines),
        scalar @groups, length $text, unpack '%32C*', $text;
}
