#!/usr/bin/python3
"""Seals the messages of the public ARC suite's tests of signing (arc-draft-sign-tests.yml), and many more, with the built
`assay check`, and has dkimpy and Mail::DKIM verify them.

The suite lies outside of the source: $ASSAY_CONFORMANCE/arc, or ../shared/conformance/arc beside the source root; without it
only the chains that are made here are tried. It compares sets octet by octet, with its own order of tags, and takes the
results from a field that the message brings along; Assay writes its own. So what is compared is whether there is a set, its
number and cv=, that its results are Assay's, and that others verify it.
"""
import json
import os
import pathlib
import random
import re
import sys

import yaml

SOURCE = pathlib.Path(os.environ.get("srcdir") or pathlib.Path(__file__).resolve().parents[2])
sys.path.insert(0, str(SOURCE / "tests" / "support"))
# pylint: disable=wrong-import-position
import arc_peer  # noqa: E402
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import scenario  # noqa: E402
import signing  # noqa: E402
import tap  # noqa: E402
import zone_server  # noqa: E402

TOOL = pathlib.Path("assay").resolve()
DOMAINS = [f"hop{number}.example" for number in range(4)]
CHAINS, SEED = int(os.environ.get("ARC_CHAINS", "10")), 8617


def suite_cases():
    """(name, message, the records of the scenario, expected i and cv; None for no set)."""
    folder = pathlib.Path(os.environ.get("ASSAY_CONFORMANCE") or SOURCE.resolve().parent / "shared" / "conformance")
    path = folder / "arc" / "arc-draft-sign-tests.yml"
    if not path.exists():
        return
    for one in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        records = {name: re.sub(r"\s*\n\s*", "", text) for name, text in (one.get("txt-records") or {}).items()}
        for name, case in one["tests"].items():
            seal = re.sub(r"\s", "", case["AS"] or "")
            tags = dict(tag.split("=", 1) for tag in seal.rstrip(";").split(";")) if seal else None
            message = re.sub(r"\r?\n", "\r\n", case["message"]).encode()
            yield name, message, records, tags and (tags["i"], tags["cv"])


class Sealer:
    """A site that seals all mail from outside."""

    def __init__(self, lab, keys, zone, domain):
        self.server = zone_server.ZoneServer(lab, zone, name=f"dns-{domain}")
        settings = scenario.merged(scenario.STANDARD_SETTINGS, {
            "authserv_id": f"mx.{domain}", "resolver": {"servers": [f"127.0.0.1@{self.server.port}"], "dnssec": False},
            "arc": {"seal": "all", "domain": domain, "keys": keys.file("rsa2048"), "maximum_sets": 50}})
        self.settings = lab.write(f"{domain}.conf", "".join(
            f"{name} = {scenario.in_libconfig(value)};\n" for name, value in settings.items()))
        self.file = lab.path(f"{domain}.eml")

    def seal(self, message):
        """The message as it leaves, and i and cv of the set that was added; None for none."""
        self.file.write_bytes(message)
        status, output, complaints = assayd.command([TOOL, "check", "--json", "-c", self.settings, "--ip", "192.0.2.1", "--helo",
                                                     "mail.example.com", "--from", "x@elsewhere.example", "--to",
                                                     "reader@example.net", self.file])
        assert status == 0, complaints
        found = json.loads(output)
        seals = [re.sub(r"\s", "", value) for name, value in found["headers_added"] if name == "ARC-Seal"]
        tags = dict(tag.split("=", 1) for tag in seals[0].split(";")) if seals else None
        results = [value for name, value in found["headers_added"] if name == "ARC-Authentication-Results"]
        own = [value for name, value in found["headers_added"] if name == "Authentication-Results"]
        assert not tags or results == [f"i={tags['i']}; {own[0]}"], (results, own)
        return arc_peer.changed(message, found), tags and (tags["i"], tags["cv"])


def zone_of(records):
    return "".join(f"{name} TXT {text}\n" for name, text in records.items())


def run_suite(lab, keys, said):
    for name, message, records, expected in suite_cases():
        records = records | {"rsa2048._domainkey.sealer.example": keys.record("rsa2048")}
        sealed, made = Sealer(lab, keys, zone_of(records), "sealer.example").seal(message)
        wrong = [] if made == expected else [f"the set is {made} instead of {expected}"]
        if made:
            wrong += arc_peer.complaints(sealed, records, made[1])
        said(f"the suite: {name}", wrong)


def message_of(numbers):
    """Oddly folded and spaced, as mail is."""
    body = "".join(numbers.choice(["Hello.\r\n", "\r\n", "two  blanks \t\r\n", " indented\r\n", "\u00fc\r\n"])
                   for _ in range(numbers.randrange(12)))
    subject = numbers.choice(["plain", "a  b\t c", "folded\r\n here", "=?utf-8?q?x?=", ""])
    more = numbers.choice(["", "Cc: a@example.com\r\nCc: b@example.com\r\n", "List-Id: <l.example>\r\n", "X-Y:  z\r\n"])
    return (f"Received: by x\r\nFrom: A <a@example.com>\r\nTo: b@example.com\r\nSubject: {subject}\r\n{more}"
            f"Date: Sun, 01 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{numbers.randrange(10**9)}@example.com>\r\n\r\n{body}").encode()


def run_chains(lab, keys, said):
    """Chains of one to ten sets, by Assay alone: what each hop sends on is what the next finds to be good."""
    records = {f"rsa2048._domainkey.{domain}": keys.record("rsa2048") for domain in DOMAINS}
    sealers = [Sealer(lab, keys, zone_of(records), domain) for domain in DOMAINS]
    numbers = random.Random(SEED)
    sets = 0
    wrong = []
    for chain in range(CHAINS):
        message = message_of(numbers)
        for number in range(1, numbers.randrange(2, 11)):
            message, made = numbers.choice(sealers).seal(message)
            expected = (str(number), "none" if number == 1 else "pass")
            wrong += [f"chain {chain}: {made} instead of {expected}"] if made != expected else []
            wrong += [f"chain {chain}, set {number}: {line}" for line in arc_peer.complaints(message, records, made[1])]
            sets += 1
            if numbers.random() < 0.5:  # a list changes what was sealed, and the next hop sees a chain that is broken
                changed = message + b"-- \r\nlist\r\n"
                broken, made = sealers[0].seal(changed)
                wrong += [] if made == (str(number + 1), "fail") else [f"chain {chain}: a broken chain became {made}"]
                wrong += [f"chain {chain}: {line}" for line in arc_peer.complaints(broken, records, "fail")]
                wrong += [] if arc_peer.by_dkimpy(changed, records) == "fail" else [f"chain {chain}: dkimpy likes a change"]
                again, made = sealers[1].seal(broken)
                wrong += [] if made is None and again else [f"chain {chain}: sealed over cv=fail: {made}"]
    said(f"{CHAINS} chains of {sets} sets in all", wrong)


def main():
    report = tap.Tap("arc seals")

    def said(name, wrong):
        report.check(name, not wrong, "\n".join(wrong[:20]))

    with lab_module.Lab("arc-seal") as lab:
        keys = signing.Keys()
        run_suite(lab, keys, said)
        run_chains(lab, keys, said)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
