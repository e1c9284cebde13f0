"""arc_peer.py - ARC sets that Assay adds, judged by two implementations that are not ours: dkimpy and Mail::DKIM."""
import json
import re
import subprocess

import dkim
import dkim.crypto
import sealing

PERL = r"""
use JSON::PP;
use Mail::DKIM::ARC::Verifier;
use Mail::DKIM::DNS;
{
    package Records;
    sub new { my ($class, $records) = @_; return bless { records => $records }, $class }
    sub query { my ($self, $name) = @_; my $text = $self->{records}{lc $name}; $self->{errorstring} = 'NXDOMAIN';
                return defined $text ? Packet->new($text) : undef }
    sub send { my ($self, @question) = @_; return $self->query(@question) }
    sub errorstring { return $_[0]{errorstring} }
    package Packet;
    sub new { my ($class, $text) = @_; return bless { text => $text }, $class }
    sub answer { return ($_[0]) }
    sub header { return $_[0] }
    sub rcode { return 'NOERROR' }
    sub type { return 'TXT' }
    sub txtdata { return $_[0]{text} }
    sub char_str_list { return ($_[0]{text}) }
}
my $given = do { local $/; decode_json(<STDIN>) };
Mail::DKIM::DNS::resolver(Records->new($given->{records}));
my @said;
foreach my $message (@{ $given->{messages} }) {
    my $verifier = Mail::DKIM::ARC::Verifier->new;
    $verifier->PRINT($message);
    $verifier->CLOSE;
    push @said, $verifier->result_detail;
}
print encode_json(\@said);
"""


def changed(message, found):
    """The message as it is after what `assay check --json` says was removed and added."""
    head, rest = message.split(b"\r\n\r\n", 1)
    fields = re.split(rb"\r\n(?![ \t])", head)
    for name, index in found["headers_removed"]:
        places = [at for at, field in enumerate(fields) if field.split(b":", 1)[0].strip().lower() == name.lower().encode()]
        del fields[places[index - 1]]
    for name, value in found["headers_added"]:
        fields.insert(0, f"{name}: {value}".replace("\n", "\r\n").encode())
    return b"\r\n".join(fields) + b"\r\n\r\n" + rest


def inserted(message, fields):
    """The message with fields on top of it, as (index, name, value) in the order in which a milter inserted them."""
    for _, name, value in fields:
        message = f"{name}: {value.lstrip(' ')}\r\n".replace("\r\n", "\n").replace("\n", "\r\n").encode() + message
    return message


def records_of(zone):
    """The TXT records of a zone in the format of dns_server.py, by name."""
    found = {}
    for line in zone.splitlines():
        name, _, rest = line.partition(" TXT ")
        if rest and not rest.startswith("!"):
            found[name.strip().lower()] = rest
    return found


def by_dkimpy(message, records):
    """"pass", "fail" or "none"."""
    def text(name, timeout=5):  # pylint: disable=unused-argument
        return records.get(name.decode().rstrip(".").lower(), "").encode() or None

    cv, _, _ = dkim.arc_verify(message, dnsfunc=text)
    return cv.decode()


def by_mail_dkim(messages, records):
    """The result and its detail for each message."""
    given = json.dumps({"records": records, "messages": [message.decode("latin-1") for message in messages]})
    done = subprocess.run(["perl", "-e", PERL], input=given.encode(), stdout=subprocess.PIPE, check=True, timeout=300)
    return json.loads(done.stdout)


def own_seal_holds(message, records):
    """Does the newest seal verify over its own set alone, as one with cv=fail has to (RFC 8617 5.1.2)?"""
    chain = sealing.sets(dkim.rfc822_parse(message)[0])
    newest = chain[max(chain)]
    name, seal = newest[sealing.SEAL]
    tags = dict(tag.strip().split("=", 1) for tag in re.sub(r"\s", "", seal.decode()).split(";"))
    bare = re.sub(rb"(;\s*b=)[^;]*$", rb"\1", seal.rstrip(b"\r\n")) + b"\r\n"
    hashed = sealing.hashed_fields(sealing.RELAXED, [newest[sealing.RESULTS], newest[sealing.MESSAGE]], (name, bare))
    record = dict(tag.strip().split("=", 1) for tag in records[f"{tags['s']}._domainkey.{tags['d']}"].split(";"))
    public = dkim.crypto.parse_public_key(dkim.base64.b64decode(record["p"]))
    return dkim.crypto.RSASSA_PKCS1_v1_5_verify(hashed, dkim.base64.b64decode(tags["b"]), public)


def complaints(message, records, cv):
    """Sentences on what is wrong with the newest set, which has this cv=; none where both like it."""
    if cv == "fail":
        return [] if own_seal_holds(message, records) else ["the seal with cv=fail does not verify over its own set"]
    wrong = []
    if by_dkimpy(message, records) != "pass":
        wrong.append("dkimpy does not like the chain that was made")
    said = by_mail_dkim([message], records)[0]
    if said.split(" ")[0] != "pass":
        wrong.append(f"Mail::DKIM on the chain that was made: {said}")
    return wrong
