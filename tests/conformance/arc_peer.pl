#!/usr/bin/perl
# Mail::DKIM (libmail-dkim-perl) behind arc_differential.py: orders on standard input, a line of answer each.
#
#     arc_peer.pl ZONE                               lines of "NAME TXT TEXT"
#     verify MESSAGE                                 -> pass, fail, none, invalid ...
#     seal MESSAGE KEY CHAIN DOMAIN SELECTOR SERVER  -> sealed, with the set on top of MESSAGE; or what is wrong
use strict;
use warnings;
use Mail::DKIM::ARC::Signer;
use Mail::DKIM::ARC::Verifier;
use Mail::DKIM::DNS;
use Mail::DKIM::PrivateKey;
use Net::DNS::Packet;
use Net::DNS::RR;

package FakeResolver;
sub errorstring { return 'NOERROR' }
sub send {
    my ($self, $name, $type) = @_;
    my $packet = Net::DNS::Packet->new($name, $type);
    my $text = $self->{txt}{lc $name};
    $packet->push(answer => Net::DNS::RR->new(owner => $name, type => 'TXT', txtdata => [$text =~ /(.{1,255})/gs]))
        if defined $text;
    $packet->header->rcode(defined $text ? 'NOERROR' : 'NXDOMAIN');
    return $packet;
}

package main;

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/ = undef;
    return scalar <$file>;
}

sub verify {
    my ($path) = @_;
    my $verifier = Mail::DKIM::ARC::Verifier->new(Strict => 1);
    $verifier->PRINT(slurp($path));
    $verifier->CLOSE;
    return $verifier->result;
}

sub seal {
    my ($path, $key, $chain, $domain, $selector, $server) = @_;
    my $message = slurp($path);
    my $signer = Mail::DKIM::ARC::Signer->new(Algorithm => 'rsa-sha256', Chain => $chain, Domain => $domain,
        SrvId => $server, Selector => $selector, Key => Mail::DKIM::PrivateKey->load(File => $key));
    $signer->PRINT($message);
    $signer->CLOSE;
    return 'refused' unless $signer->result eq 'sealed';
    open my $file, '>:raw', $path or die "$path: $!\n";
    # each is a field without its line end; AAR, message signature and seal come in this order from the top
    print {$file} map({ s/\r?\n/\r\n/g; "$_\r\n" } $signer->as_strings), $message;
    close $file or die "$path: $!\n";
    return 'sealed';
}

my %txt;
for (split /\n/, slurp($ARGV[0])) {
    my ($name, $text) = /^(\S+) TXT (.*)/ or next;
    $txt{lc $name} = $text;
}
Mail::DKIM::DNS::resolver(bless {txt => \%txt}, 'FakeResolver');
$| = 1;
while (my $line = <STDIN>) {
    my ($order, @words) = split ' ', $line;
    my $answer = eval { $order eq 'seal' ? seal(@words) : verify(@words) };
    $answer = "died: $@" unless defined $answer;
    $answer =~ s/\s+/ /g;
    print "$answer\n";
}
