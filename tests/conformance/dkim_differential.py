#!/usr/bin/python3
"""Compares DKIM verification with dkimpy (python3-dkim) on generated messages: same message, same answer.

usage: dkim_differential.py [MESSAGES [SEED]]

The messages are odd in white space, folding, empty lines, line length, octets and line ends; dkimpy signs them with
every canonicalization, some get l=, some two signatures, and half of them are changed on the way in a manner that one
canonicalization forgives and another does not. dkimpy sees CRLF line ends, we see what the sender made of them.
"""
import base64
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("srcdir", pathlib.Path(__file__).resolve().parents[2]))
PROGRAM = os.environ.get("DKIM_VERIFY", "tests/conformance/dkim_verify")
SKIPPED = 77
CANONICALIZATIONS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed")
NAMES = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "X-Odd", "MIME-Version", "List-Id")
CHUNKS = (65535, 7, 1000)

try:
    import dkim
    sys.path.insert(0, str(SOURCE / "tests" / "support"))
    import signing
except ImportError as missing:
    print(f"# skipped: {missing}")
    sys.exit(SKIPPED)


class Maker:
    OCTETS = [0, 1, 9, 13, 32, 46, 65, 127, 128, 255]
    PIECES = ("a", "bc", "Def", " ", "  ", "\t", " \t ", ".", ":", ";", "=", "\"", "(", "\xe4\xf6")
    CRLF = re.compile(rb"(?<!\r)\r\n")
    # not at the ends of a field, where dkimpy takes them for white space
    ODD_WHITE = ("b\vc", "d\f ", "e \v\t", "f\rg", "h\r\r i", "j \r\tk")

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pieces = self.PIECES + self.ODD_WHITE

    def words(self, most):
        pick = self.random
        return "".join(pick.choice(self.pieces) for _ in range(pick.randrange(most)))

    def value(self):
        folds = [self.words(8) + self.random.choice(("x", "y ", "z\t")) for _ in range(self.random.choice((1, 1, 1, 2, 4)))]
        return self.random.choice(("", " ", "  ", "\t")) + self.random.choice(("\r\n ", "\r\n\t", "\r\n  ")).join(folds)

    def name(self, name):
        return self.random.choice((name, name, name.lower(), name.upper()))

    def header(self):
        fields = [f"{self.name('From')}:{self.value()} joe@example.org"]
        for _ in range(self.random.randrange(1, 12)):
            fields.append(f"{self.name(self.random.choice(NAMES[1:]))}:{self.value()}")
        self.random.shuffle(fields)
        return "".join(field + "\r\n" for field in fields)

    def line(self):
        kind = self.random.randrange(12)
        if kind < 3:
            return ""
        if kind == 3:
            return self.random.choice((" ", "\t", " \t ", "  "))
        if kind == 4:
            return "".join(chr(self.random.choice(self.OCTETS)) for _ in range(self.random.randrange(20)))
        if kind == 5 and self.random.random() < 0.1:
            return "w" * self.random.choice((997, 998, 1023, 1024, 1025, 4095, 4096, 4097, 65535, 65536, 70001))
        return self.words(12)

    def body(self):
        lines = [self.line() for _ in range(self.random.choice((0, 1, 2, 3, 5, 20)))]
        ending = self.random.choice(("\r\n", "\r\n", "\r\n", "\r\n\r\n\r\n", " \r\n", "\r\n \t\r\n\r\n"))
        return "" if self.random.random() < 0.03 else "\r\n".join(lines) + ending

    def message(self):
        return (self.header() + "\r\n" + self.body()).encode("latin-1")

    def change(self, message):
        """Something small, after the signatures; most of it white space."""
        header, body = message.split(b"\r\n\r\n", 1)
        spot = self.random.randrange(len(body) + 1)
        spot += body[spot - 1:spot + 1] == b"\r\n"
        first = header.find(b"From") if b"From" in header else 0
        changes = (
            lambda: (header, body[:spot] + b" " + body[spot:]),
            lambda: (header, body[:spot] + b"\r\n" + body[spot:]),
            lambda: (header, body + b"\r\n"),
            lambda: (header, body + b" \t\r\n\r\n"),
            lambda: (header, body.rstrip(b"\r\n") + b"\r\n"),
            lambda: (header, body.replace(b"  ", b" \t")),
            lambda: (header, body.replace(b"\t\r\n", b"\r\n")),
            lambda: (header, body.replace(b"a", b"b", 1)),
            lambda: (header, body.replace(b"\r\n", b"\r", 1)),
            lambda: (header, body.replace(b"\rg", b"\r\ng", 1)),
            lambda: (header.replace(b"\rg", b" g", 1), body),
            lambda: (header[:first] + header[first:].replace(b"  ", b" ", 1), body),
            lambda: (header[:first] + header[first:].replace(b"\r\n\t", b"\r\n \t", 1), body),
            lambda: (header[:first] + header[first:].replace(b"\r\n ", b" ", 1), body),
            lambda: (header.replace(b"From:", b"FROM:"), body),
            lambda: (header + b"\r\nX-Odd: late", body),
            lambda: (b"To: new\r\n" + header, body),
        )
        header, body = self.random.choice(changes)()
        if body and not body.endswith(b"\r\n"):
            body += b"\r\n"
        return header + b"\r\n\r\n" + body

    def mangle(self, message):
        """Line ends as careless senders have them; they mean the same. Where a CR stands before one, LF alone would
        take it along."""
        header, body = message.split(b"\r\n\r\n", 1)
        how = self.random.randrange(5)
        if how == 0:
            body = self.CRLF.sub(b"\n", body)
        elif how == 1:
            body = self.CRLF.sub(lambda _: self.random.choice((b"\r\n", b"\n")), body)
        elif how == 2:
            return self.CRLF.sub(b"\n", message)
        elif how == 3 and body != b"\r\n":
            body = body.removesuffix(b"\r\n")
        return header + b"\r\n\r\n" + body


class Comparison:
    def __init__(self, seed):
        self.maker = Maker(seed)
        self.keys = signing.Keys()
        self.selectors = ("rsa1024", "rsa2048", "ed25519")

    def zone(self):
        return "".join(f"{name}._domainkey.example.org TXT {self.keys.record(name)}\n" for name in self.selectors)

    def sign(self, message):
        pick = self.maker.random
        key = pick.choice(self.selectors[:1] + self.selectors)
        headers = [name for name in NAMES[1:] if pick.random() < 0.6]
        headers = ["From"] + headers + [name for name in headers if pick.random() < 0.3]
        tags = {"v": "1", "a": ("ed25519" if key == "ed25519" else "rsa") + "-sha256", "c": pick.choice(CANONICALIZATIONS),
                "d": "example.org", "s": key, "h": pick.choice((":", " : ", ":\r\n\t")).join(headers)}
        if pick.random() < 0.15:
            tags["l"] = str(pick.randrange(60))
        return self.keys.sign_tags(message, key, tags, [name.lower() for name in headers])

    def dns(self, name, timeout=5):
        selector = name.decode().split(".")[0]
        return self.keys.record(selector).encode() if selector in self.selectors else None

    @staticmethod
    def is_cut(tags, body):
        """RFC 6376 3.5: l= must not be more than the body has; dkimpy lets that pass."""
        canonical = dkim.canonicalization.CanonicalizationPolicy.from_c_value(tags[b"c"])
        return int(tags.get(b"l", b"0")) > len(canonical.canonicalize_body(body))

    def theirs(self, message):
        results = []
        _, body = dkim.rfc822_parse(message)
        for index in range(message.split(b"\r\n\r\n", 1)[0].count(b"DKIM-Signature:")):
            try:
                verifier = dkim.DKIM(message, minkey=1024)
                good = verifier.verify(idx=index, dnsfunc=self.dns)
                results.append(good and not self.is_cut(verifier.signature_fields, body))
            except (dkim.DKIMException, IndexError):
                results.append(False)
        return results

    def make(self):
        message = self.maker.message()
        for _ in range(self.maker.random.choice((1, 1, 1, 2))):
            message = self.sign(message)
        if self.maker.random.random() < 0.5:
            message = self.maker.change(message)
        return message


def passed(result):
    """A signature with l= verifies for dkimpy; we add that it is not trusted."""
    return result == "pass" or result.startswith("policy: l= covers")


def ours(folder, paths, chunk):
    answer = subprocess.run([PROGRAM, str(folder / "zone"), str(chunk)], input="".join(f"{path}\n" for path in paths),
                            stdout=subprocess.PIPE, check=True, text=True).stdout
    return [line.split(" | ") for line in answer.split("\n")[:-1]]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    comparison = Comparison(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    if not os.path.exists(PROGRAM):
        print(f"# skipped: {PROGRAM} has not been built")
        return SKIPPED
    different = signatures = passes = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "zone").write_text(comparison.zone())
        paths, expected = [], []
        for number in range(count):
            message = comparison.make()
            expected.append(comparison.theirs(message))
            paths.append(folder / f"{number}.eml")
            paths[-1].write_bytes(comparison.maker.mangle(message))
        for chunk in CHUNKS:
            for path, theirs, results in zip(paths, expected, ours(folder, paths, chunk), strict=True):
                signatures += len(theirs)
                passes += sum(theirs)
                if [passed(result) for result in results] != theirs:
                    different += 1
                    print(f"# chunk {chunk}, dkimpy {theirs}, we {results}:",
                          base64.b64encode(path.read_bytes()[:3000]).decode())
    print(f"# {count} messages, {signatures} signatures in {len(CHUNKS)} chunk sizes, {passes} of them verify")
    print(f"{'not ' if different else ''}ok - DKIM: dkimpy and we agree on every signature")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
