#!/usr/bin/perl
# Mail::DMARC (libmail-dmarc-perl) behind dmarc_psl_differential.py: cases on standard input, a line of outcome each.
#
# A case is lines of a letter and its words, ended by a full stop: A author domain; S and D result and domain; T name and
# text of a TXT record. The outcome is "<where> <p or sp>=<request> <result> <disposition> <spf> <dkim> <organizational
# domain>", or "- <organizational domain>" where no policy is applied.
use strict;
use warnings;
use Mail::DMARC::PurePerl;

# Plays the DNS: every name has an address, since Mail::DMARC will not judge an author domain that has none.
package FakeRecord;
sub new { my ($class, %of) = @_; return bless {%of}, $class }
sub type { return $_[0]->{type} }
sub txtdata { return $_[0]->{text} }
sub address { return '192.0.2.1' }

package FakeAnswer;
sub answer { return @{$_[0]->{records}} }

package FakeResolver;
sub send {
    my ($self, $name, $type) = @_;
    my @records = $type eq 'A' ? (FakeRecord->new(type => 'A'))
        : map { FakeRecord->new(type => 'TXT', text => $_) } @{$self->{txt}{lc $name} || []};
    return bless {records => \@records}, 'FakeAnswer';
}
sub query { my $answer = FakeResolver::send(@_); return $answer->answer ? $answer : undef }

package main;

sub judge {
    my ($reader, $case) = @_;
    my $organization = $reader->get_organizational_domain($case->{A});
    $reader->set_resolver(bless {txt => $case->{txt}}, 'FakeResolver');
    $reader->init;
    $reader->header_from($case->{A});
    $reader->spf(scope => 'mfrom', domain => $case->{S}[1], result => $case->{S}[0]);
    $reader->dkim(domain => $_->[1], selector => 's', result => $_->[0]) for @{$case->{D}};
    local $SIG{__WARN__} = sub { };
    my $result = eval { $reader->validate };
    my $policy = eval { $reader->result->published };
    return "- $organization" if !$result || $result->result eq 'none' || !$policy || !eval { $reader->policy->p };
    my $sub = $reader->is_subdomain && defined $policy->sp;
    return join ' ', $policy->domain, $sub ? 'sp=' . lc $policy->sp : 'p=' . lc $policy->p, $result->result,
        lc $result->disposition, $result->spf || 'fail', $result->dkim || 'fail', $organization;
}

my $reader = Mail::DMARC::PurePerl->new;
$reader->config->{report_store}{auto_save} = 0;
$reader->config->{smtp}{whitelist} = '';
my $case = {};
$| = 1;
while (my $line = <STDIN>) {
    chomp $line;
    my ($kind, $rest) = split / /, $line, 2;
    if ($kind eq '.') {
        print judge($reader, $case), "\n";
        $case = {};
    }
    elsif ($kind eq 'A') { $case->{A} = $rest }
    elsif ($kind eq 'S') { $case->{S} = [split / /, $rest] }
    elsif ($kind eq 'D') { push @{$case->{D}}, [split / /, $rest] }
    else {
        my ($name, $text) = split / /, $rest, 2;
        push @{$case->{txt}{$name}}, $text;
    }
}
