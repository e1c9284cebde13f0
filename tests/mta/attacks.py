#!/usr/bin/python3
"""attacks.py - what hostile senders put on the wire, through a real mail server to assayd: odd
octets, fields and bodies, many of them, many connections.

    tests/mta/attacks.py --server postfix|sendmail [--build FOLDER] [--keep] [WORDS...]

Each shape is sent three times: as a spoof of a domain with p=reject, by a domain without any
policy, by the domain itself. What a server itself does not take is told in the table. Needs
root and namespaces (tests/support/island.py). One line a case, see tests/support/tap.py.
"""
import dataclasses
import pathlib
import re
import sys

import island_world
from session import Session
from island_world import SERVER, case, equal, showcase
# pylint: disable=wrong-import-order
import island
import postfix
import private_sendmail
import suite
from showcase import RECIPIENT, SENDER, STRANGER

MEGABYTES = 10
SECONDS_A_MESSAGE = 3.0     # of assayd's processor; ten times what a message may take
FLOOD = 60
RESETS = 10         # in one session; Postfix slows down those who go on
FORGED = showcase.FORGED.encode()
# Mail for us goes on to the sink, as Sendmail's does.
POSTFIX_MAIN = island_world.POSTFIX_MAIN + """\
virtual_mailbox_domains =
relay_domains = example.net
relay_transport = relay
"""
AUTHOR = b"From: Anna <anna@example.org>\r\n"
SPOOF, UNKNOWN, GENUINE = "spoof", "unknown", "genuine"
SENT = {SPOOF: (STRANGER, "pool66.example.com", "anna@example.org"),
        UNKNOWN: (STRANGER, "pool66.example.com", "info@club.example"),
        GENUINE: (SENDER, "mail.example.org", "anna@example.org")}


@dataclasses.dataclass
class Shape:
    """What is peculiar of a message: its author, fields above and below that, the body."""
    name: str
    above: bytes = b""
    author: bytes = AUTHOR
    below: bytes = b""
    body: bytes = b"Hello.\r\n"
    code: int = 0           # all kinds are refused with it
    sendmail: int = 0       # all kinds are refused with it by Sendmail itself
    postfix: int = 0        # all kinds are refused with it where Postfix is the server

    def wanted(self, server):
        """{kind: code}"""
        code = getattr(self, server) or self.code
        return dict.fromkeys(SENT, code) if code else {SPOOF: 550, UNKNOWN: 250, GENUINE: 250}

    def message(self, kind):
        author = self.author.replace(b"example.org",
                                     b"club.example") if kind == UNKNOWN else self.author
        return self.above + author + f"To: {RECIPIENT}\r\nSubject: x\r\n"\
            f"X-Token: {self.token(kind)}\r\n".encode() + \
            b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@x.example>\r\n" + \
            self.below + b"\r\n" + self.body

    def token(self, kind):
        return f"{self.name}, {kind}."


REFUSED = 550
# Sendmail's own answers: to a bare CR or LF, to more than 32768 octets of header, to what is no
# field
BARE, TOO_LARGE, NO_FIELD = 421, 552, 553


def big(unit):
    """A body of 10 MB."""
    return unit * ((MEGABYTES << 20) // len(unit))


def forged(count, *spellings):
    name = b"Authentication-Results"
    lines = [spelling + FORGED[len(name):] for spelling in spellings or (name,)]
    return b"".join(lines[number % len(lines)] + b"\r\n" for number in range(count))


YS = b"\r\n\t".join([b"y" * 900] * 100)
BLANKS = b"\r\n".join([b"\t" + b" " * 998] * 60)
# Postfix shows a milter 60000 octets of it.
LONG_AUTHOR = b"From: <info@other.example>" + BLANKS + b"\r\n\t, <anna@example.org>\r\n"

SHAPES = (
    Shape("a plain message"),
    Shape("bare CR in a field", above=b"X-A: one\rtwo\r\n", below=b"X-B: \r\r\rthree\r\n",
          sendmail=BARE),
    Shape("bare CR before what looks like an author",
          above=b"X-A: one\rFrom: info@other.example\r\n", sendmail=BARE),
    Shape("bare CR in the author's name", author=b"From: Anna\r B. <anna@example.org>\r\n",
          sendmail=BARE),
    Shape("bare CR between author and colon", author=b"From: \rAnna <anna@example.org>\r\n",
          sendmail=BARE),
    Shape("bare CR in the body", body=b"one\rtwo\r\n\r\rthree\r\n", sendmail=BARE),
    Shape("bare LF before a fold", above=b"X-A: one\n two\r\n", sendmail=BARE),
    Shape("bare LF in the body", body=b"one\ntwo\n\nthree\r\n", sendmail=BARE),
    Shape("NUL in a field", above=b"X-A: one\0two\r\n"),
    Shape("NUL in the author's name", author=b"From: Anna\0B <anna@example.org>\r\n",
          postfix=REFUSED),
    Shape("NUL between two authors", author=b"From: <anna@example.org>\0, <info@other.example>\r\n",
          sendmail=REFUSED),
    Shape("NUL in the body", body=b"one\0two\r\n\0\0\r\n"),
    Shape("eight bits in fields and body", above=b"X-A: \xff\xfe\x80\xe4\r\n",
          author=b"From: Ann\xe4 <anna@example.org>\r\n",
          body=b"\x80\xff" * 100 + b"\r\n"),
    Shape("a field of 30 kB in one line", above=b"X-A: " + b"y" * 30000 + b"\r\n"),
    Shape("a field of 90 kB in lines", above=b"X-A: " + YS + b"\r\n", sendmail=TOO_LARGE),
    Shape("an author's name of 1900 octets",
          author=b"From: \"" + b"y" * 1900 + b"\" <anna@example.org>\r\n"),
    Shape("an author before 59 kB of blanks and another author", author=LONG_AUTHOR, code=REFUSED,
          sendmail=TOO_LARGE),
    Shape("an author behind 59 kB of blanks", author=b"From:" + BLANKS + b" <anna@example.org>\r\n",
          code=REFUSED,
          sendmail=TOO_LARGE),
    Shape("a folded author", author=b"From:\r\n Anna\r\n\t\r\n <anna@example.org>\r\n"),
    Shape("a blank before the author's colon", above=b"X-A: a\r\n",
          author=b"From : Anna <anna@example.org>\r\n"),
    Shape("a tab before the author's colon", author=b"From\t: Anna <anna@example.org>\r\n"),
    Shape("an author on a line that mailboxes divide messages with",
          author=b"From : Anna <anna@example.org>\r\n",
          code=REFUSED),
    Shape("a field name of special characters", above=b"!#$%&'*+: b\r\n"),
    Shape("a field name of 500 octets", above=b"X" + b"y" * 500 + b": c\r\n", sendmail=REFUSED),
    Shape("a line that is no field", above=b"X\x7f-A: a\r\n", code=REFUSED, sendmail=NO_FIELD),
    Shape("a field name with eight bits", below=b"X\xe4: e\r\n"),
    Shape("forged results", above=forged(1)),
    Shape("forged results in all spellings",
          above=forged(20, b"Authentication-Results ", b"AUTHENTICATION-RESULTS",
                                                         b"Authentication-Results\t",
                                                         b"authentication-Results  ")),
    Shape("forged results of 30 kB in one line", above=FORGED + b" " + b"y" * 30000 + b"\r\n"),
    Shape("forged results of 90 kB in lines", above=FORGED + b"\r\n\t" + YS + b"\r\n",
          sendmail=TOO_LARGE),
    Shape("forged results behind 90 kB of blanks",
          above=FORGED.replace(b": ", b":" + BLANKS + BLANKS[:31000]) + b"\r\n",
          sendmail=TOO_LARGE),
    Shape("forged results behind a comment of 90 kB",
          above=FORGED.replace(b": ", b": (" + YS + b")") + b"\r\n",
          sendmail=TOO_LARGE),
    Shape("forged results folded before the value",
          above=FORGED.replace(b": ", b":\r\n\t") + b"\r\n"),
    Shape("forged results after a bare CR", above=b"X-A: one\r" + FORGED + b"\r\n", sendmail=BARE),
    Shape("forged results with NUL", above=FORGED.replace(b": ", b": \0") + b"\r\n"),
    Shape("50 forged results", above=forged(50)),
    Shape("51 forged results", above=forged(51), code=REFUSED),
    Shape("3000 forged results", above=forged(3000), code=REFUSED, sendmail=TOO_LARGE),
    Shape("3000 other fields", above=b"X-A: b\r\n" * 3000),
    Shape("2000 signatures",
          above=b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; "
                b"bh=AA; b=AA\r\n" * 2000,
          sendmail=TOO_LARGE),
    Shape("two authors in two fields", above=AUTHOR, code=REFUSED),
    Shape("control characters in the author's domain",
          author=b"From: Anna <anna@exam\x01ple.org>\r\n", code=REFUSED),
    Shape("an author that is no address", author=b"From: example.org\r\n", code=REFUSED),
    Shape("10 MB of bare CR", body=big(b"\r"), sendmail=BARE),
    Shape("10 MB of empty lines", body=big(b"\r\n")),
    Shape("10 MB of x CR", body=big(b"x\r"), sendmail=BARE),
    Shape("10 MB in one line", body=big(b"x")),
    Shape("10 MB of white space", body=big(b" \t")),
    Shape("10 MB of NUL", body=big(b"\0")),
)


class Site(island_world.World):
    def __init__(self, lab, build, server):
        super().__init__(lab, build)
        self.server = server
        if server == "postfix":
            postfix.Postfix(lab, milters="unix:/run/assay/assay.sock", domain=showcase.DOMAIN,
                            host=showcase.HOST,
                            more=POSTFIX_MAIN, services=island_world.POSTFIX_SERVICES)
        else:
            sasl = pathlib.Path("/run/sasl")
            island_world.make_logins(sasl, "Sendmail")
            private_sendmail.Sendmail(lab, f"{showcase.DOMAIN} {SENDER}", showcase.HOST, SERVER,
                                      sasl=sasl,
                                      features="FEATURE(`assay')dnl", more="")

    def processor_seconds(self):
        stat = pathlib.Path(f"/proc/{self.daemon.process.pid}/stat").read_text()
        fields = stat.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def send(self, shape, kind):
        client, helo, sender = SENT[kind]
        before = self.processor_seconds()
        with Session(client, helo) as session:
            code, text = session.send(shape.message(kind), sender)
        spent = self.processor_seconds() - before
        assert spent < SECONDS_A_MESSAGE, f"{kind}: {spent:.1f} s of processor"
        return code, text

    def play(self, shape):
        wanted = shape.wanted(self.server)
        found = {kind: self.send(shape, kind) for kind in wanted}
        assert {kind: code for kind, (code, _) in found.items()} == wanted, found
        for kind, code in wanted.items():
            if code == 250:
                check_arrived(self.inside.find(f"X-Token: {shape.token(kind)}", 20).message, kind)
        self.inside.taken.clear()


def check_arrived(message, kind):
    """One field of results, ours, on top; no forged one is left, however it is spelled."""
    head = message.partition(b"\r\n\r\n")[0]
    fields = re.findall(rb"(?im)^authentication-results[ \t]*:.*(?:\r?\n[ \t].*)*", head)
    verdict = b"dmarc=pass" if kind == GENUINE else b"dmarc=fail"
    assert len(fields) == 1 and verdict in fields[0] and b"bank.example" not in fields[0], fields
    assert message.startswith(b"Authentication-Results: mx.example.net;"), head[:400]


for one_shape in SHAPES:
    case(one_shape.name)(lambda site, one=one_shape: site.play(one))


@case("a message for a thousand recipients")
def recipients(site):
    shape = Shape("many recipients")
    for kind, wanted in ((SPOOF, 550), (GENUINE, 250)):
        client, helo, sender = SENT[kind]
        with Session(client, helo) as session:
            many = [f"reader{number}@example.net" for number in range(1000)]
            equal(session.send(shape.message(kind), sender, many)[0], wanted, kind)
    check_arrived(site.inside.find(shape.token(GENUINE)).message, GENUINE)


@case("a flood of connections that say nothing, envelopes that are taken back, messages cut off")
def flood(site):
    before = site.processor_seconds()
    client, helo, sender = SENT[SPOOF]
    for number in range(FLOOD):
        with Session(client, helo) as session:
            if number % 3 == 0:
                session.envelope(sender, [RECIPIENT])
                session.say("DATA")
                session.socket.sendall(AUTHOR + b"Subject: cut\r\n")
    for _ in range(FLOOD // RESETS):
        with Session(client, helo) as session:
            for _ in range(RESETS):
                session.envelope(sender, [RECIPIENT])
                session.say("RSET")
    spent = site.processor_seconds() - before
    assert spent < SECONDS_A_MESSAGE, f"{spent:.1f} s of processor"
    site.play(Shape("after the flood"))


@case("spoofs and genuine mail in one session: each is judged by itself")
def one_session(site):
    shape = Shape("in one session", above=forged(3))
    client, helo, sender = SENT[SPOOF]
    with Session(client, helo) as session:
        for kind, wanted in ((SPOOF, 550), (UNKNOWN, 250), (SPOOF, 550)):
            equal(session.send(shape.message(kind), sender if kind == SPOOF else SENT[kind][2])[0],
                  wanted, kind)
    check_arrived(site.inside.find(shape.token(UNKNOWN)).message, UNKNOWN)


@case("assayd ended soundly")
def end(site):
    equal(site.daemon.stop(), 0, "the status")
    site.daemon.check_log(warnings=True)


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--server", required=True, choices=("postfix", "sendmail"))
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder")
    options = parser.parse_args()
    name = f"attacks-{options.server}"
    missing = island.may() or (private_sendmail.missing() if options.server == "sendmail" else "")
    if missing:
        return suite.skip(name, missing, island_world.CASES)
    island.enter(showcase.HOST, island_world.ADDRESSES)
    return suite.run(name, options, island_world.CASES, lambda lab,
                     build: Site(lab, build, options.server))


if __name__ == "__main__":
    sys.exit(main())
