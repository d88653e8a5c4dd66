# Four interpreters, each in a thread, count words and hand back the counts.
use strict;
use warnings;
use threads;

my @lines = <>;

sub crew {
    my ($first) = @_;
    my (%count, @rare);
    for (my $i = $first; $i < @lines; $i += 4) {
        push @{ $count{lc $_} }, $i for $lines[$i] =~ /([A-Za-z]{3,})/g;
    }
    @rare = grep { @{ $count{$_} } == 1 } sort keys %count;
    return { words => scalar(keys %count), rare => join(' ', @rare) };
}

my @crews = map { threads->create(\&crew, $_) } 0 .. 3;
for my $crew (@crews) {
    my $answer = $crew->join;
    print "$answer->{words} words, ", length($answer->{rare}), " bytes of rare ones\n";
}
