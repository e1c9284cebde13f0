#!/usr/bin/python3
"""Compares the validation of ARC chains with dkimpy and Mail::DKIM on generated chains.

usage: arc_differential.py [--all] [CHAINS [SEED]]      200 chains, with --all 2,000

Chains have one to ten sets. Each hop seals by dkimpy, by Mail::DKIM or by
tests/support/sealing.py, which has more forms; before that it may change the message as lists do.
Two in five chains are broken afterwards, and some get a last set that claims cv=fail. Same message,
same answer: what differs has to be in EXPLAINED. Every chain is validated again with its ARC fields
shuffled among each other, and with line feeds alone, which must not change the result.
"""
import base64
import importlib.util
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("srcdir", pathlib.Path(__file__).resolve().parents[2]))
PROGRAM = os.environ.get("ARC_VERIFY", "tests/conformance/arc_verify")
PEER = SOURCE / "tests" / "conformance" / "arc_peer.pl"
SKIPPED = 77
NOW = 1750000000
DOMAINS = ("one.example", "two.example", "lists.two.example", "three.example")
KEYS = ("rsa1024", "rsa1024-b", "rsa2048")
FORMS = ("relaxed/relaxed", "relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple")
ARC_FIELD = re.compile(
    rb"(?mi)^ARC-(?:Seal|Message-Signature|Authentication-Results):(?:.*\r\n[ \t])*.*\r\n"
)

try:
    import dkim

    sys.path.insert(0, str(SOURCE / "tests" / "support"))
    import sealing
    import signing
except ImportError as missing:
    print(f"# skipped: {missing}")
    sys.exit(SKIPPED)


# What a peer answers where we say fail, which reason of ours it may have, and why.
EXPLAINED = {
    "Mail::DKIM": [
        (
            "invalid",
            ".*",
            "its word for a signature that it does not check; RFC 8617 has no such result",
        ),
    ],
    "dkimpy": [
        (
            "none",
            "an earlier hop found the chain broken",
            "it has no result for cv=fail, as drafts had it; RFC 8617 5.2: fail",
        ),
    ],
}


class Peer:
    """arc_peer.pl, which waits for orders."""

    def __init__(self, zone):
        self.process = subprocess.Popen(
            ["perl", str(PEER), str(zone)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer and not answer.startswith("died"), f"{PEER.name}: {answer or 'ended'}"
        return answer

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Maker:
    def __init__(self, seed, folder):
        self.random = random.Random(seed)
        self.keys = signing.Keys()
        self.folder = folder
        self.zone = {
            f"s{number}._domainkey.{domain}": self.keys.record(key)
            for domain in DOMAINS
            for number, key in enumerate(KEYS)
        }
        (folder / "zone").write_text(
            "".join(f"{name} TXT {text}\n" for name, text in self.zone.items())
        )
        self.peer = Peer(folder / "zone")

    def message(self):
        pick = self.random
        fields = [
            "From: Anna <anna@author.example>",
            "To: talk@lists.two.example",
            f"Subject: {pick.choice(('a', 'a  b', 'c' * 80))}",
            "Date: Sat, 01 Nov 2025 12:00:00 +0000",
            f"Message-ID: <{pick.randrange(10**9)}@author.example>",
        ]
        fields += pick.choice(
            ([], ["Folded: one\r\n\ttwo", "Received: by x"], ["Received: by x", "Received: by y"])
        )
        body = "".join(
            pick.choice(
                ("text\r\n", " white \t space \r\n", "\r\n", "a" * 200 + "\r\n", "tail  \r\n")
            )
            for _ in range(pick.randrange(6))
        )
        return ("\r\n".join(fields) + "\r\n\r\n" + body).encode()

    def by_own(self, message, number, status):
        pick, key = self.random, self.random.randrange(len(KEYS))
        how = {
            "d": pick.choice(DOMAINS),
            "s": f"s{key}",
            "key": KEYS[key],
            "c": pick.choice(FORMS),
            "cv": status,
            "h": pick.choice(
                (
                    ["from", "to", "subject", "date"],
                    ["from", "subject", "received", "received", "x-none"],
                    ["From", "To"],
                    ["from", "list-id", "message-id", "folded"],
                )
            ),
            "results": (
                f"mx.{number}.example; spf=pass smtp.mailfrom=a@b;\r\n\tdkim=none (\u00e9 {number})"
            ),
            "parts": pick.choice((["seal", "message", "results"], ["results", "message", "seal"])),
        }
        if pick.random() < 0.3:
            other = pick.randrange(len(KEYS))
            how["message"] = {"d": pick.choice(DOMAINS), "s": f"s{other}", "key": KEYS[other]}
        return sealing.seal(self.keys, message, [how], NOW)

    @staticmethod
    def with_results(message, number, status):
        """What both peers seal: Authentication-Results of their server."""
        return (
            f"Authentication-Results: mx{number}.example; spf=pass smtp.mailfrom=a@b;"
            f" arc={status}\r\n".encode()
            + message
        )

    def by_dkimpy(self, message, number, status):
        key = self.random.randrange(len(KEYS))
        message = self.with_results(message, number, status)
        made = dkim.arc_sign(
            message,
            f"s{key}".encode(),
            self.random.choice(DOMAINS).encode(),
            pathlib.Path(self.keys.file(KEYS[key])).read_bytes(),
            f"mx{number}.example".encode(),
            timestamp=NOW,
            include_headers=[b"from", b"to", b"subject"],
        )
        assert len(made) == 3, made
        return b"".join(made) + message

    def by_perl(self, message, number, status):
        key = self.random.randrange(len(KEYS))
        path = self.folder / "sealing"
        path.write_bytes(self.with_results(message, number, status))
        answer = self.peer.ask(
            "seal",
            path,
            self.keys.file(KEYS[key]),
            status,
            self.random.choice(DOMAINS),
            f"s{key}",
            f"mx{number}.example",
        )
        assert answer == "sealed", answer
        return path.read_bytes()

    def on_its_way(self, message):
        """What a list does before it seals."""
        return self.random.choice(
            (
                lambda: message,
                lambda: message,
                lambda: b"Received: by a hop\r\n" + message,
                lambda: message.replace(b"Subject: ", b"Subject: [talk] ", 1),
                lambda: message + b"-- \r\ntalk\r\n",
                lambda: b"List-Id: <talk.lists.two.example>\r\n" + message,
            )
        )()

    def sound(self):
        message = self.message()
        for number in range(1, 1 + self.random.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10))):
            status = "none" if number == 1 else "pass"
            message = self.on_its_way(message)
            maker = self.random.choice(("own", "own", "dkimpy", "perl"))
            if maker == "own":
                message = self.by_own(message, number, status)
            else:
                message = (self.by_dkimpy if maker == "dkimpy" else self.by_perl)(
                    message, number, status
                )
        return message

    def with_field(self, message, change):
        """One ARC field changed, taken away or repeated."""
        found = self.random.choice(list(ARC_FIELD.finditer(message)))
        return message[: found.start()] + change(found.group()) + message[found.end() :]

    def broken(self, message):
        pick = self.random
        octet = lambda text: bytes([pick.choice(text)])  # noqa: E731
        changes = (
            lambda: message + b"more\r\n",
            lambda: message.replace(b"Anna", b"Anne", 1),
            lambda: message.replace(b"text", b"test", 1),
            lambda: b"Subject: another\r\n" + message,
            lambda: self.with_field(message, lambda field: b""),
            lambda: self.with_field(message, lambda field: field + field),
            lambda: self.with_field(message, lambda field: field.replace(b" ", b"  ", 3)),
            lambda: self.with_field(message, lambda field: field.replace(b"; ", b";\r\n\t", 2)),
            lambda: self.with_field(message, lambda field: field.replace(b"i=1;", b"i=2;", 1)),
            lambda: self.with_field(
                message, lambda field: field.replace(b"i=", b"i=" + octet(b"0123456789"), 1)
            ),
            lambda: self.with_field(
                message,
                lambda field: re.sub(
                    rb"i=\d+", b"i=" + pick.choice((b"0", b"x", b"")), field, count=1
                ),
            ),
            lambda: self.with_field(
                message,
                lambda field: field.replace(b"rsa-sha256", pick.choice((b"rsa-sha1", b"rsa-md5"))),
            ),
            lambda: self.with_field(message, lambda field: field.replace(b"spf=pass", b"spf=fail")),
            lambda: self.with_field(message, lambda field: field.replace(b"d=", b"d=lost.")),
            lambda: re.sub(
                rb"cv=\w+", b"cv=" + pick.choice((b"pass", b"none", b"fail", b"")), message, count=1
            ),
            lambda: re.sub(
                rb"\bb=(\s*)(.)",
                lambda found: b"b=" + found[1] + octet(b"ABCxyz"),
                message,
                count=1,
            ),
            lambda: re.sub(rb"bh=.", b"bh=" + octet(b"ABCxyz"), message, count=1),
        )
        return pick.choice(changes)()

    def failing(self, message):
        """A hop that found the chain broken; its seal covers its own set alone (RFC 8617 5.1.2)."""
        return sealing.seal(
            self.keys,
            message + b"changed\r\n",
            [{"d": "one.example", "s": "s0", "key": KEYS[0], "cv": "fail", "alone": True}],
            NOW,
        )

    def make(self):
        message = self.sound()
        fate = self.random.random()
        if fate < 0.4:
            return self.broken(message)
        return self.failing(message) if fate < 0.45 else message

    def shuffled(self, message):
        fields = ARC_FIELD.findall(message)
        self.random.shuffle(fields)
        left = iter(fields)
        return ARC_FIELD.sub(lambda _: next(left), message)


class Comparison:
    def __init__(self, seed, folder):
        self.folder = folder
        self.maker = Maker(seed, folder)
        self.counts = {}
        self.wrong = 0

    def dns(self, name, timeout=5):
        return self.maker.zone.get(name.decode().rstrip(".").lower(), "").encode() or None

    def theirs(self, path, message):
        dkimpy = dkim.arc_verify(message, dnsfunc=self.dns)[0]
        return {
            "dkimpy": "none" if dkimpy is None else dkimpy.decode().lower(),
            "Mail::DKIM": self.maker.peer.ask("verify", path),
        }

    def ours(self, paths, chunk):
        done = subprocess.run(
            [PROGRAM, str(chunk)],
            input="".join(f"{path}\t{self.folder}/zone\n" for path in paths),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return [line.split(" ", 3) for line in done.stdout.splitlines()]

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def differs(self, message, answer, text):
        self.wrong += 1
        print(f"# {text}; we {answer}: {base64.b64encode(message).decode()}")

    def compare(self, message, answer, theirs):
        self.count(f"we: {answer[0]}")
        for peer, result in theirs.items():
            if result == answer[0]:
                continue
            known = [
                why
                for other, reason, why in EXPLAINED[peer]
                if answer[0] == "fail" and result == other and re.match(reason, answer[3])
            ]
            if known:
                self.count(f"{peer}: {result} for fail: {known[0]}")
            else:
                self.differs(message, answer, f"{peer} {result}")

    def run(self, count):
        messages, paths, shuffled = [], [], []
        for number in range(count):
            messages.append(self.maker.make())
            for group, message in (
                (paths, messages[-1]),
                (shuffled, self.maker.shuffled(messages[-1])),
            ):
                group.append(self.folder / f"{number}-{len(shuffled)}-{group is paths}.eml")
                group[-1].write_bytes(message)
        answers = self.ours(paths, 65535)
        for path, message, answer in zip(paths, messages, answers, strict=True):
            self.compare(message, answer, self.theirs(path, message))
        for message, answer, other in zip(messages, answers, self.ours(shuffled, 7), strict=True):
            if answer[:3] != other[:3]:
                self.differs(message, answer, f"shuffled {other}")
        # a mail server gives a milter line feeds alone
        for path, message in zip(paths, messages, strict=True):
            path.write_bytes(message.replace(b"\r\n", b"\n"))
        for message, answer, other in zip(messages, answers, self.ours(paths, 1000), strict=True):
            if answer != other:
                self.differs(message, answer, f"with line feeds alone {other}")


def main():
    words = [word for word in sys.argv[1:] if word != "--all"]
    count = int(words[0]) if words else 2000 if "--all" in sys.argv else 200
    if not os.path.exists(PROGRAM):
        print(f"# skipped: {PROGRAM} has not been built")
        return SKIPPED
    if importlib.util.find_spec("authres") is None:
        print("# skipped: dkimpy does not seal without python3-authres")
        return SKIPPED
    if subprocess.run(
        ["perl", "-MMail::DKIM::ARC::Verifier", "-e", "1"], stderr=subprocess.DEVNULL, check=False
    ).returncode:
        print("# skipped: Mail::DKIM (libmail-dkim-perl) is not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        comparison = Comparison(int(words[1]) if len(words) > 1 else 8617, pathlib.Path(name))
        comparison.run(count)
        comparison.maker.peer.end()
    for what, times in sorted(comparison.counts.items()):
        print(f"# {times} x {what}")
    print(
        f"{'not ' if comparison.wrong else ''}ok - ARC: dkimpy, Mail::DKIM and we agree on"
        f" {count} chains, in any order of their fields"
    )
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
