# Words of made-up text, counted, sorted and rejoined.
use strict;
my ($seed, %count, @lines) = (1);
for my $line (1 .. 800) {
    my @words;
    for (1 .. 12) {
        $seed = ($seed * 1103515245 + 12345) % 2147483648;
        push @words, join '', map { chr(97 + ($seed >> $_) % 26) } 3 .. 3 + $seed % 9;
    }
    push @lines, join ' ', @words;
    $count{$_}++ for @words;
}
my $text = join "\n", sort @lines;
$text =~ s/([aeiou]+)/<$1>/g;
print length $text, "\n", scalar(keys %count), "\n";
print "$_ $count{$_}\n" for (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 9];
