#!/usr/bin/python3
"""Signs generated messages and has others verify: dkimpy, libopendkim, Mail::DKIM and opendkim-testmsg.

usage: sign_differential.py [--build FOLDER] [MESSAGES [SEED]]

The messages are odd in white space, folding, empty lines, line length, octets and line ends; each is signed with an
RSA and an Ed25519 key, with every canonicalization and in pieces of several sizes. Every signature has to verify with
everybody who knows its algorithm. Mail::DKIM and opendkim-testmsg are asked about a part of the messages, and about
shapes of which each is known to be hard. Where a reader is known to depart from the RFC, it is told so below (odd_octets).
"""
import argparse
import base64
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("srcdir", pathlib.Path(__file__).resolve().parents[2]))
SKIPPED = 77
FORMS = ("relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple")
CHUNKS = (65535, 7, 1000, 4096)
EVERYBODY = ("libopendkim", "dkimpy", "Mail::DKIM", "opendkim-testmsg")
BY_OTHERS = 25          # generated messages of each form that the slow verifiers see

try:
    import dkim
    sys.path[:0] = [str(SOURCE / "tests" / "support"), str(SOURCE / "tests" / "conformance")]
    import dkim_differential
    import namespaces
except ImportError as missing:
    print(f"# skipped: {missing}")
    sys.exit(SKIPPED)

AUTHORS = (" joe@example.org", "\r\n joe@example.org", "\tJoe   User\r\n\t<joe@example.org>",
           '  "J.  User"  <joe@example.org>  ', " =?utf-8?q?J=C3=B6?= <joe@example.org>", " J\xc3\xb6 <joe@example.org>",
           " joe@example.org,\r\n  ann@example.org", " (a\r\n comment) joe@example.org")
PERL = """\
use Mail::DKIM::Verifier;
package Mail::DKIM::DNS;
no warnings;
my %zone = (@ZONE@);
sub query { my ($name) = @_; my $text = $zone{lc $name}; return () unless defined $text;
    require Net::DNS; return (Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => [unpack('(A255)*', $text)])); }
package main;
while (my $path = <STDIN>) {
    chomp $path;
    open(my $file, '<:raw', $path) or die $path;
    local $/;
    my $dkim = Mail::DKIM::Verifier->new();
    $dkim->PRINT(<$file>);
    $dkim->CLOSE();
    local $/ = "\\n";
    print join(' | ', map { $_->result } $dkim->signatures), "\\n";
}
"""


TESTMSG = """\
ip link set lo up
mount --bind @FOLDER@/resolv.conf /etc/resolv.conf
rm -f @FOLDER@/dns.log # or the line of the last server would be taken for this one's
/usr/bin/python3 @SERVER@ --zone @FOLDER@/zone --port 53 >@FOLDER@/dns.log 2>&1 &
server=$!
for try in $(seq 600); do grep -q '^port' @FOLDER@/dns.log && break; sleep 0.1; done
while read -r path; do
    # it wants LF line ends and writes to standard error what it finds
    # its lookups end after a fixed time, which a busy machine may miss: it is asked twice before it counts
    for try in 1 2; do
        @PROGRAM@ <"$path" >>@FOLDER@/testmsg.log 2>&1
        status=$?
        [ $status != 0 ] || break
    done
    echo $status
done
kill $server
"""


class SignMaker(dkim_differential.Maker):
    """Like those of the verifier's test, with a From field that names one author domain."""

    OCTETS = [0, 1, 9, 32, 46, 65, 127, 128, 255]   # odd_octets() has the rest, which not everybody reads alike

    def __init__(self, seed):
        super().__init__(seed)
        self.pieces = self.PIECES

    def header(self):
        pick = self.random
        fields = [f"{self.name('From')}:{pick.choice(AUTHORS)}"]
        names = ("To", "Cc", "Subject", "Date", "Message-ID", "X-Odd", "MIME-Version", "List-Id", "List-Unsubscribe",
                 "List-Unsubscribe-Post", "Received", "DKIM-Filter", "Content-Type")
        for _ in range(pick.randrange(0, 14)):
            fields.append(f"{self.name(pick.choice(names))}:{self.value()}")
        if pick.random() < 0.05:
            fields.append("Subject:" + "w" * pick.choice((997, 998, 5000, 70000)))
        if pick.random() < 0.05:
            fields.append("To:" + ",\r\n ".join(f"reader{number}@example.net" for number in range(2000)))
        pick.shuffle(fields)
        return "".join(field + "\r\n" for field in fields)


def hard_shapes():
    """(name, message), each for every canonicalization."""
    head = b"From: joe@example.org\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nTo: reader@example.net\r\nSubject: x\r\n"
    return [
        ("folded", b"From: Joe\r\n\tUser\r\n <joe@example.org>\r\nDate: Sun,\r\n 22 Nov 2026 10:00:00 +0000\r\nSubject: one\r\n  two\r\n\t three \r\nTo:\r\n a@b\r\n\r\nx\r\n"),
        ("8-bit", head + b"X: \xff\r\n\r\nGr\xfc\xdfe \x80\x81\r\n"),
        ("long lines", head + b"X-Long: " + b"y" * 20000 + b"\r\n\r\n" + b"z " * 50000 + b"\r\n"),
        ("LF", head.replace(b"\r\n", b"\n") + b"\nbody\nmore\n\n"),
        ("mixed line ends", head + b"\r\nbody\nmore\r\n\nend"),
        ("no body", head + b"\r\n"),
        ("no body, no empty line", head),
        ("one empty line", head + b"\r\n\r\n"),
        ("white lines", head + b"\r\n \r\n\t\r\n"),
        ("trailing blank lines", head + b"\r\nx  \r\n\r\n \r\n\r\n\r\n"),
        ("no last line end", head + b"\r\nx"),
        ("25 MB", head + b"\r\n" + b"A line of text that has  some words \t in it.\r\n" * (25 * 1024 * 1024 // 46)),
    ]


def odd_octets():
    """Groups of (name, message) with octets that are no white space in DKIM (RFC 6376 2.8: space and tab alone) and end
    no line, though C's isspace() says so; where they stand (0 header, 1 body); and who verifies them, with relaxed
    canonicalization of that part and with simple.

    Vertical tab, form feed and a bare CR in a field: libopendkim, and so all that is built on it, takes them for white
    space in relaxed form, and does not verify such a signature. dkimpy and Mail::DKIM strip them at the ends of a field
    only, where nothing is tried. A bare CR in the body: libopendkim drops it in relaxed form, and takes a line of it
    alone for an empty one. opendkim-testmsg and Mail::DKIM end the line at a bare CR, so that they read another message.
    """
    head = "From: joe@example.org\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nTo: reader@example.net\r\nSubject:"
    places = {"inside": " one{}two", "beside blanks": " one {}  two", "before a fold": " one{}\r\n two",
              "after a fold": " one\r\n {}two", "alone in a line": " one\r\n {}\r\n two"}
    bodies = {"within a line": "a\rb", "first in a line": "x\r\n\ra", "last in a line": "ab\r", "twice": "a\r\rb",
              "beside blanks": "a \r b \r\n\r\n \rc", "after empty lines": "x\r\n\r\n\ra", "at the end": "a\r\nb\r\r"}

    def shapes(name, octet, not_here=()):
        return [(f"{name} {place}", (head + value.format(octet) + "\r\n\r\nx\r\n").encode())
                for place, value in places.items() if place not in not_here]
    white = shapes("vertical tab", "\v") + shapes("form feed", "\f")
    in_body = [(f"CR in the body {place}", f"{head} x\r\n\r\n{body}\r\n".encode()) for place, body in bodies.items()]
    return ((white, 0, ("dkimpy", "Mail::DKIM"), EVERYBODY),
            (shapes("CR", "\r", ("before a fold",)), 0, ("dkimpy",), ("libopendkim", "dkimpy")),
            (in_body, 1, ("dkimpy",), ("libopendkim", "dkimpy")))


class Others:
    """Verifiers that are programs, where they are installed."""

    def __init__(self, folder, zone):
        self.folder = folder
        self.zone = zone
        self.perl = self._perl()
        self.testmsg = self._testmsg()

    def _perl(self):
        if shutil.which("perl") is None or subprocess.run(["perl", "-MMail::DKIM::Verifier", "-e1"],
                                                          stderr=subprocess.DEVNULL, check=False).returncode != 0:
            return None
        script = self.folder / "verify.pl"
        pairs = ", ".join(f"'{name}' => '{text}'" for name, text in self.zone.items())
        script.write_text(PERL.replace("@ZONE@", pairs))
        return script

    def mail_dkim(self, paths):
        """For each message: its first signature (RSA) has to pass; what it makes of Ed25519 depends on its version."""
        done = subprocess.run(["perl", str(self.perl)], input="".join(f"{path}\n" for path in paths), check=True,
                              stdout=subprocess.PIPE, text=True)
        return [line.split(" | ")[0] == "pass" for line in done.stdout.splitlines()]

    def _testmsg(self):
        """It asks the system's resolver: a network and a resolv.conf of its own, which takes root."""
        program = shutil.which("opendkim-testmsg", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None or subprocess.run([*namespaces.command("-n"), "true"], stderr=subprocess.DEVNULL,
                                             check=False).returncode != 0:
            return None
        (self.folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (self.folder / "zone").write_text("".join(f"{name} TXT {text}\n" for name, text in self.zone.items()))
        script = self.folder / "testmsg.sh"
        script.write_text(TESTMSG.replace("@FOLDER@", str(self.folder)).replace("@PROGRAM@", program).replace(
            "@SERVER@", str(SOURCE / "tests/support/dns_server.py")))
        return script

    @staticmethod
    def is_strict(path):
        """opendkim-testmsg reads only messages with the fields that RFC 5322 3.6 asks for, each once."""
        names = [name.lower() for name, _ in dkim.rfc822_parse(path.read_bytes())[0]]
        return names.count(b"date") == 1 and all(names.count(name) < 2 for name in (b"from", b"to", b"cc", b"subject",
                                                                                     b"message-id"))

    def opendkim(self, paths):
        done = subprocess.run([*namespaces.command("-n"), "sh", str(self.testmsg)], input="".join(f"{path}\n" for path in paths),
                              check=True, stdout=subprocess.PIPE, text=True)
        return [line == "0" for line in done.stdout.splitlines()]


class Comparison:
    def __init__(self, build, folder, maker):
        self.build = build
        self.folder = folder
        self.maker = maker
        self.keys = folder / "keys"
        self.make_keys()
        self.zone = self.read_zone()
        self.others = Others(folder, self.zone)
        self.wrong = 0
        self.asked = {}

    def make_keys(self):
        configuration = self.folder / "assay.conf"
        configuration.write_text('authserv_id = "mx.example.net"; user = "nobody";')
        subprocess.run([self.build / "assay", "key", "new", "example.org", "-c", configuration, "--keys", self.keys,
                        "--selector", "t"], check=True, stdout=subprocess.DEVNULL)

    def read_zone(self):
        lines = subprocess.run([self.build / "assay", "key", "dns", "example.org", "-c", self.folder / "assay.conf",
                                "--keys", self.keys], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        names = [line.split(" name ")[1].split(",")[0] for line in lines if line.startswith("; the same")]
        values = [lines[number + 1].removeprefix("; ") for number, line in enumerate(lines) if line.startswith("; the same")]
        return dict(zip(names, values, strict=True))

    def dns(self, name, timeout=5):
        return self.zone.get(name.decode().rstrip("."), "").encode() or None

    def dkimpy(self, message):
        return all(dkim.DKIM(message).verify(idx=index, dnsfunc=self.dns) for index in range(2))

    def complain(self, who, form, path):
        self.wrong += 1
        print(f"# {who} does not verify {form} {path.name}:",
              base64.b64encode(path.read_bytes()[:2000]).decode())

    def sign(self, paths, form, chunk):
        done = subprocess.run([self.build / "tests/conformance/sign_messages", self.keys / "example.org", form, str(chunk)],
                              input="".join(f"{path}\n" for path in paths), stdout=subprocess.PIPE, check=True, text=True)
        return done.stdout.splitlines()

    def write(self, shapes):
        paths = []
        for shape, message in shapes:
            paths.append(self.folder / f"hard-{shape.replace(' ', '-').replace(',', '')}.eml")
            paths[-1].write_bytes(message)
        return paths

    def compare(self, paths, form, chunk, by_others, readers=EVERYBODY):
        for path, said in zip(paths, self.sign(paths, form, chunk), strict=True):
            if "libopendkim" in readers and said != "pass | pass":
                self.complain(f"libopendkim ({said})", form, path)
                continue
            if "dkimpy" not in readers:
                continue
            signed = pathlib.Path(f"{path}.signed").read_bytes()
            try:
                good = self.dkimpy(signed)
            except dkim.DKIMException as error:
                good = False
                print(f"# dkimpy: {error}")
            if not good:
                self.complain("dkimpy", form, pathlib.Path(f"{path}.signed"))
        slow = [pathlib.Path(f"{path}.signed") for path in by_others]
        for who, there, ask in (("Mail::DKIM", self.others.perl, self.others.mail_dkim),
                                ("opendkim-testmsg", self.others.testmsg, self.others.opendkim)):
            if who not in readers:
                continue
            if who == "opendkim-testmsg":
                slow = [path for path in slow if self.others.is_strict(path)]
            self.asked[who] = self.asked.get(who, 0) + (len(slow) if there else 0)
            for path, good in zip(slow, ask(slow), strict=True) if there else ():
                if not good:
                    self.complain(who, form, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=".")
    parser.add_argument("messages", nargs="?", type=int, default=100)
    parser.add_argument("seed", nargs="?", type=int, default=6376)
    options = parser.parse_args()
    build = pathlib.Path(options.build).resolve()
    if not (build / "tests/conformance/sign_messages").exists():
        print("# skipped: tests/conformance/sign_messages has not been built")
        return SKIPPED
    maker = SignMaker(options.seed)
    with tempfile.TemporaryDirectory() as name:
        comparison = Comparison(build, pathlib.Path(name), maker)
        hard = comparison.write(hard_shapes())
        odd = [(comparison.write(shapes), *rest) for shapes, *rest in odd_octets()]
        for form, chunk in zip(FORMS, CHUNKS, strict=True):
            paths = []
            for number in range(options.messages):
                paths.append(comparison.folder / f"{number}.eml")
                paths[-1].write_bytes(maker.message())
            shapes = hard if form == FORMS[0] else hard[:-1]
            comparison.compare(paths, form, chunk, paths[:BY_OTHERS])
            comparison.compare(shapes, form, 65535, shapes)
            for paths, part, relaxed, simple in odd:
                is_relaxed = form.split("/")[part] == "relaxed"
                comparison.compare(paths, form, 65535, paths, relaxed if is_relaxed else simple)
        print(f"# {options.messages * len(FORMS)} messages and {len(hard)} hard shapes, each signed twice; all seen by dkimpy "
              f"and libopendkim, " + " and ".join(f"{count} by {who}" for who, count in comparison.asked.items()))
        print(f"{'not ' if comparison.wrong else ''}ok - sign: everybody verifies every signature")
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    random.seed(0)
    sys.exit(main())
