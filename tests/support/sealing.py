"""sealing.py - ARC sets (RFC 8617 5.1) put on top of a message, right ones and, where a test asks
for it, wrong ones.

dkimpy makes the canonical forms; what is hashed and in which order is written here, apart from
Assay and from dkimpy's own ARC, so that chains can be made that neither would make.
"""
import base64
import hashlib
import re

import dkim
import dkim.canonicalization

RESULTS, MESSAGE, SEAL = "ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"
PARTS = {"results": RESULTS, "message": MESSAGE, "seal": SEAL}
RELAXED = dkim.canonicalization.CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
SIGNED = ["from", "to", "subject", "date", "message-id"]
KNOWN = {
    "d",
    "s",
    "key",
    "message",
    "seal",
    "results",
    "cv",
    "c",
    "h",
    "i",
    "parts",
    "footer",
    "above",
    "times",
    "l",
    "results_field",
    "alone",
}


def instance(name, value):
    """i= of an ARC field, 0 where it has none."""
    found = (
        re.match(rb"\s*i\s*=\s*(\d+)\s*;", value)
        if name.lower() == RESULTS.lower().encode()
        else re.search(rb"(?:^|;)\s*i\s*=\s*(\d+)\s*(?:;|$)", value)
    )
    return int(found.group(1)) if found else 0


def sets(fields):
    """{instance: {name: field}} of the ARC fields of a message; of several alike the topmost."""
    chain = {}
    for name, value in fields:
        for part in PARTS.values():
            if name.lower() == part.lower().encode():
                chain.setdefault(instance(name, value), {}).setdefault(part, (name, value))
    return chain


def chosen(fields, names):
    """The fields that h= names, those of one name from the bottom up (RFC 6376 5.4.2)."""
    left, found = list(fields), []
    for name in names:
        for field in reversed(left):
            if field[0].lower() == name.strip().lower().encode():
                found.append(field)
                left.remove(field)
                break
    return found


def tag_text(tags):
    return "; ".join(f"{name}={value}" for name, value in tags.items() if value is not None)


def tagged(tags, more):
    """Tags with others instead, or without those that are None; b= comes last."""
    tags = tags | {
        name: value if value is None else str(value) for name, value in (more or {}).items()
    }
    given = tags.pop("b", "")
    return {name: value for name, value in tags.items() if value is not None}, given


def hashed_fields(canonical, fields, own):
    """SHA-256 of the fields, and of their own with an empty b=, which has no line end."""
    digest = hashlib.sha256()
    for name, value in canonical.canonicalize_headers(fields):
        digest.update(name + b":" + value)
    name, value = canonical.canonicalize_headers([own])[0]
    digest.update((name + b":" + value).rstrip(b"\r\n"))
    return digest


class Hop:
    """One server that seals: `how` has the members that tests/messages/README.md describes."""

    def __init__(self, keys, how, now):
        unknown = set(how) - KNOWN
        if unknown:
            raise ValueError(f"arc: {', '.join(sorted(unknown))}")
        self.keys, self.how, self.now = keys, how, now

    def signer(self, part, number):
        """d, s and key of the seal or of the message signature; %I% in them is the instance."""
        more = self.how.get(part, {})
        return [
            more.get(name, self.how.get(name, standard)).replace("%I%", str(number))
            for name, standard in (("d", "sealer.example"), ("s", "s1"), ("key", "rsa1024"))
        ]

    @staticmethod
    def algorithm(key):
        return "ed25519-sha256" if key.startswith("ed25519") else "rsa-sha256"

    def results(self, number):
        whole = self.how.get("results_field")
        return (RESULTS, whole or f" i={number}; {self.how.get('results', 'sealer.example; none')}")

    def message(self, number, octets):
        fields, body = dkim.rfc822_parse(octets)
        domain, selector, key = self.signer("message", number)
        form = self.how.get("c", "relaxed/relaxed")
        names = self.how.get("h", SIGNED)
        tags, given = tagged(
            {
                "i": str(number),
                "a": self.algorithm(key),
                "c": form,
                "d": domain,
                "s": selector,
                "t": str(self.now),
                "h": ":".join(names),
            },
            self.how.get("message", {}).get("tags"),
        )
        canonical = dkim.canonicalization.CanonicalizationPolicy.from_c_value(
            tags.get("c", "simple/simple").encode()
        )
        body = canonical.canonicalize_body(body)
        if "l" in self.how:
            tags["l"] = str(len(body) if self.how["l"] is True else self.how["l"])
            body = body[: int(tags["l"])]
        tags.setdefault("bh", base64.b64encode(hashlib.sha256(body).digest()).decode())
        value = f" {tag_text(tags)}; b="
        digest = hashed_fields(
            canonical, chosen(fields, names), (MESSAGE.encode(), value.encode() + b"\r\n")
        )
        return (MESSAGE, value + (given or self.keys.signature(key, digest)))

    def seal(self, number, octets, own):
        domain, selector, key = self.signer("seal", number)
        status = self.how.get("cv", "none" if number == 1 else "pass")
        tags, given = tagged(
            {
                "i": str(number),
                "a": self.algorithm(key),
                "t": str(self.now),
                "cv": status,
                "d": domain,
                "s": selector,
            },
            self.how.get("seal", {}).get("tags"),
        )
        value = f" {tag_text(tags)}; b="
        chain = sets(dkim.rfc822_parse(octets)[0])
        before = [
            chain[other][part]
            for other in sorted(chain)
            if other < number
            for part in PARTS.values()
            if part in chain[other] and not self.how.get("alone")
        ]
        before += [(name.encode(), text.encode() + b"\r\n") for name, text in own]
        digest = hashed_fields(RELAXED, before, (SEAL.encode(), value.encode() + b"\r\n"))
        return (SEAL, value + (given or self.keys.signature(key, digest)))

    def sealed(self, octets):
        """What the hop does to the message, and then its set, with the seal on top."""
        how = self.how
        octets += how.get("footer", "").replace("\r\n", "\n").replace("\n", "\r\n").encode()
        octets = "".join(line + "\r\n" for line in how.get("above", [])).encode() + octets
        number = how.get("i", 1 + max(sets(dkim.rfc822_parse(octets)[0]), default=0))
        own = [self.results(number), self.message(number, octets)]
        made = dict(own + [self.seal(number, octets, own)])
        for part in reversed(how.get("parts", ["seal", "message", "results"])):
            octets = f"{PARTS[part]}:{made[PARTS[part]]}\r\n".encode() + octets
        return octets


def seal(keys, octets, hops, now):
    """A message with CRLF, after all of these hops."""
    for how in hops:
        for _ in range(how.get("times", 1)):
            octets = Hop(keys, how, now).sealed(octets)
    return octets
