#!/usr/bin/python3
"""dkim_fixtures.py - writes tests/unit/dkim_fixtures.txt: signed messages and the keys that they want.

A line each: "key NAME TEXT" is a TXT record, "message NAME TEXT" a raw message in which \\r, \\n, \\\\ and \\xNN stand
for their octets. Run it again to make new keys; tests/unit/dkim_test.c says what each message has to give.
"""
import base64
import pathlib
import random
import sys

import signing

OUT = pathlib.Path(__file__).resolve().parents[1] / "unit" / "dkim_fixtures.txt"
FIELDS = ("From: Joe <joe@example.org>\r\nTo: ann@example.net\r\nSubject: dinner\r\n  is  ready \r\n"
          "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n")
BODY = "Hello  Ann, \r\n\r\n\tthe  soup is hot.\t\r\n \r\n\r\n\r\n"
MESSAGE = (FIELDS + "\r\n" + BODY).encode()
HEADERS = ["from", "to", "subject", "date", "message-id"]
NOW = 1767225600

RFC8463 = """DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
RFC8463_RSA = ("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91"
               "y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB")


def der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes(
        (size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + content


def rsa_public_key(modulus, exponent):
    """RSAPublicKey of RFC 8017 A.1.1."""
    return der(0x30, b"".join(der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))
                              for number in (modulus, exponent)))


def bare_key(spki):
    """The RSAPublicKey inside of a SubjectPublicKeyInfo."""
    bits = base64.b64decode(spki)
    return base64.b64encode(bits[bits.index(b"\x03\x82" if b"\x03\x82" in bits[:32] else b"\x03\x81") +
                                 (5 if b"\x03\x82" in bits[:32] else 4):]).decode()


class Fixtures:
    def __init__(self):
        self.keys = signing.Keys()
        self.lines = []

    def key(self, selector, text, domain="example.org"):
        self.lines.append(f"key {selector}._domainkey.{domain} {text}")

    def message(self, name, raw):
        text = "".join(chr(octet) if 0x20 <= octet < 0x7F and octet != 0x5C else
                       {0x0D: "\\r", 0x0A: "\\n", 0x5C: "\\\\"}.get(octet, f"\\x{octet:02x}") for octet in raw)
        self.lines.append(f"message {name} {text}")

    def signed(self, message=MESSAGE, key="rsa2048", headers=None, **tags):
        """A signature with these tags over a message; a tag that is None is left out."""
        usual = {"v": "1", "a": "ed25519-sha256" if key.startswith("ed") else "rsa-sha256", "c": "relaxed/relaxed",
                 "d": "example.org", "s": key, "h": ":".join(headers or HEADERS)}
        usual.update(tags)
        return self.keys.sign_tags(message, key, {name: text for name, text in usual.items() if text is not None},
                                   headers or HEADERS)

    def tag(self, name, message=MESSAGE, **options):
        self.message(name, self.signed(message, **options))


def add_keys(made):
    for name in ("rsa512", "rsa768", "rsa1024", "rsa2048", "rsa4096", "ed25519"):
        made.key(name, made.keys.record(name))
    rsa, small = made.keys.public("rsa2048"), made.keys.public("ed25519")
    numbers = random.Random(1)
    made.key("huge", "p=" + base64.b64encode(rsa_public_key(numbers.getrandbits(16384) | 1 << 16383 | 1, 65537)).decode())
    made.key("exponent", "p=" + base64.b64encode(
        rsa_public_key(numbers.getrandbits(2048) | 1 << 2047 | 1, numbers.getrandbits(2000) | 1)).decode())
    made.key("one", "p=" + base64.b64encode(rsa_public_key(numbers.getrandbits(2048) | 1 << 2047 | 1, 1)).decode())
    made.key("curve", "p=MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE" + "A" * 86 + "==")
    made.key("bare", "v=DKIM1; p=" + bare_key(rsa))
    made.key("folded", f"v=DKIM1 ; k = rsa ; n=a note; g=*; s=email ; h=sha1 : sha256; t=x; p={rsa[:60]} {rsa[60:]} ;")
    made.key("revoked", "v=DKIM1; k=rsa; p=")
    made.key("strict", f"v=DKIM1; t=s; p={rsa}")
    made.key("testing", f"v=DKIM1; t=y:s; p={rsa}")
    made.key("sha1only", f"v=DKIM1; h=sha1; p={rsa}")
    made.key("service", f"v=DKIM1; s=tlsrpt; p={rsa}")
    made.key("version", f"v=DKIM2; p={rsa}")
    made.key("late", f"p={rsa}; v=DKIM1")
    made.key("without", "v=DKIM1; k=rsa")
    made.key("unknown", f"v=DKIM1; k=dsa; p={rsa}")
    made.key("junk", "this is no key record")
    made.key("broken", "v=DKIM1; p=????")
    made.key("noise", "v=DKIM1; p=AAAA")
    made.key("untyped", f"v=DKIM1; p={small}")
    made.key("long", f"v=DKIM1; n={'x' * 9000}; p={rsa}")
    made.key("mixed", "v=spf1 -all")
    made.key("mixed", made.keys.record("ed25519"))
    made.key("mixed", made.keys.record("rsa2048"))
    made.key("rotated", made.keys.record("rsa1024"))
    made.key("rotated", made.keys.record("rsa2048"))
    for _ in range(4):
        made.key("crowd", "nothing")
    made.key("crowd", made.keys.record("rsa2048"))
    made.key("slow", "!fail timed out")
    made.key("brisbane", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "football.example.com")
    made.key("test", f"v=DKIM1; k=rsa; p={RFC8463_RSA}", "football.example.com")


def add_sound(made):
    made.message("rfc8463", RFC8463.replace("\n", "\r\n").encode())
    made.message("unsigned", MESSAGE)
    for how in ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "simple", "relaxed"):
        made.tag("rsa-" + how, c=how)
        made.tag("ed25519-" + how, c=how, key="ed25519")
    made.tag("default-c", c=None)
    for key in ("rsa512", "rsa768", "rsa1024", "rsa4096"):
        made.tag(key, key=key)
    for selector in ("huge", "exponent", "one", "curve", "bare", "folded", "revoked", "strict", "testing", "sha1only", "service", "version",
                     "late", "without", "unknown", "junk", "broken", "noise", "long", "rotated", "crowd", "slow", "missing",
                     "ed25519"):
        made.tag("key-" + selector, s=selector)
    made.tag("key-untyped", s="untyped", key="ed25519")
    made.tag("key-wrong-type", s="rsa2048", key="ed25519")
    made.tag("strict-subdomain", s="strict", i="@sub.example.org")
    made.message("mixed", made.signed(made.signed(s="mixed"), s="mixed", key="ed25519"))
    for name, body in {"empty": "", "lines": "\r\n\r\n\r\n", "unended": "no line end", "space": " \t \r\n",
                       "spaced": "a \r\n \r\n b\t\tc\r\n"}.items():
        for how in ("simple/simple", "relaxed/relaxed"):
            made.tag(f"body-{name}-{how}", (FIELDS + "\r\n" + body).encode(), c=how)
    made.message("spaced-name", made.signed(MESSAGE, c="relaxed/relaxed").replace(b"Subject: ", b"Subject : "))


def add_odd_white(made):
    """Octets that are no white space in RFC 6376 2.8, but for libopendkim, and so for who signs with it."""
    odd = MESSAGE.replace(b"dinner\r\n", b"dinner \v\f\r\n")
    made.message("odd-white", made.signed(odd))
    made.message("odd-white-simple", made.signed(odd, c="simple/simple"))
    made.message("odd-white-twice", made.signed(made.signed(odd), headers=HEADERS + ["from", "cc", "dkim-signature"], key="ed25519"))
    made.message("odd-white-changed", made.signed(odd).replace(b"\v", b"\v\v"))
    made.message("odd-white-as-space", made.signed().replace(b"dinner\r\n", b"dinner\v\r\n"))


def add_changed(made):
    for how in ("simple/simple", "relaxed/relaxed"):
        sound = made.signed(c=how)
        made.message("body-changed-" + how, sound.replace(b"soup", b"soap"))
        made.message("header-changed-" + how, sound.replace(b"dinner", b"supper"))
        made.message("both-changed-" + how, sound.replace(b"soup", b"soap").replace(b"dinner", b"supper"))
        made.message("space-changed-" + how, sound.replace(b"  is  ready", b"\tis ready"))
    made.message("second-from", b"From: evil@example.com\r\n" + made.signed())
    made.message("second-from-oversigned",
                 b"From: evil@example.com\r\n" + made.signed(headers=["from"] + HEADERS))
    made.message("oversigned", made.signed(headers=HEADERS + HEADERS))
    made.message("testing-changed", made.signed(s="testing").replace(b"soup", b"soap"))


def add_tags(made):
    for name in ("v", "a", "d", "s", "h"):
        made.tag("without-" + name, **{name: None})
    sound = made.signed()
    made.message("without-bh", sound.replace(b" bh=", b" yy=", 1))
    made.message("without-b", sound.replace(b"; b=", b"; y=", 1))
    made.tag("without-from", headers=["to", "subject"])
    made.tag("sha1", a="rsa-sha1")
    made.tag("algorithm", a="rsa-sha512")
    made.tag("version", v="2")
    made.tag("upper-case-algorithm", a="RSA-SHA256")
    made.tag("query", q="http")
    made.tag("queries", q="http : dns/txt")
    made.message("canonicalization", sound.replace(b"relaxed/relaxed", b"nofws/relaxed", 1))
    made.message("body-canonicalization", sound.replace(b"relaxed/relaxed", b"relaxed/nofws", 1))
    for name, time in {"expired": NOW - 301, "just-expired": NOW - 299, "expires": NOW + 1, "expires-never": 10 ** 13}.items():
        made.tag(name, t=str(NOW - 1000), x=str(time))
    made.tag("expires-before", t=str(NOW + 100), x=str(NOW + 100))
    made.tag("future", t=str(NOW + 86400))
    made.tag("time-word", t="now")
    for name, identity in {"own": "@example.org", "below": "joe@sub.example.org", "case": "Joe@EXAMPLE.ORG", "other": "@example.com",
                           "suffix": "@notexample.org", "none": "example.org", "empty": "", "qp": "joe=5Fhome@example.org",
                           "bad-qp": "joe=", "bad-qp-2": "joe=zz@example.org", "long": "x" * 300 + "@example.org"}.items():
        made.tag("identity-" + name, i=identity)
    for name, domain in {"space": "exam ple.org", "empty": "", "dot": "example.org.", "paren": "example.org(x)", "label": "a..org",
                         "upper": "EXAMPLE.org", "long": "x." * 130 + "org", "address": "[192.0.2.1]",
                         "quote": "\"example.org\""}.items():
        made.tag("domain-" + name, d=domain)
    made.tag("selector-space", s="rsa 2048")
    made.tag("selector-long", s=".".join(["x" * 60] * 4))
    made.message("space-in-b", sound.replace(b"; b=", b"; b =", 1))
    made.message("spaced-b", made.keys.sign_tags(
        MESSAGE, "rsa2048", {"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "example.org", "s": "rsa2048", "h": ":".join(HEADERS)},
        HEADERS, "b ="))
    made.tag("tag-in-b", web="yes")
    made.message("tag-in-b-changed", made.signed(web="yes").replace(b"web=yes", b"web=no", 1))
    made.tag("upper-tag", I="@example.com")
    made.tag("twice", **{"d": "example.org; d=example.org"})
    made.tag("twice-in-case", **{"d": "example.org; D=example.com"})
    made.tag("unknown-tag", foo="bar", r="y", z="From:=4|To:=")
    made.tag("folded-list", h="From :\r\n\tTO:\tsubject: date :message-id", c="simple/simple")
    made.message("name-in-two", sound.replace(b"h=from:to", b"h=fr om:to", 1))
    made.tag("empty-names", h=":from::to:subject:date:message-id: ")
    made.tag("many-names", headers=["from"] * 257)
    made.tag("most-names", headers=["from"] * 256)
    made.message("no-tags", b"DKIM-Signature: \r\n" + MESSAGE)
    made.message("garbage", b"DKIM-Signature: \x01\xff;=;=;;;\r\n" + MESSAGE)
    made.message("huge-field", b"DKIM-Signature: v=1; z=" + b"x" * 20000 + b"\r\n" + MESSAGE)
    made.message("u-label", sound.replace(b"d=example.org", b"d=ex\xc3\xa4mple.org", 1))
    made.key("rsa2048", made.keys.record("rsa2048"), "xn--exmple-cua.org")
    made.tag("u-label-own", d="ex\u00e4mple.org", i="j\u00f6@ex\u00e4mple.org")
    made.message("bad-b", sound.replace(b"; b=", b"; b=!", 1))
    made.message("bad-bh", sound.replace(b" bh=", b" bh=AAAA", 1))


def add_lengths(made):
    size = {"simple": 40, "relaxed": 33}
    for how in ("simple", "relaxed"):
        made.tag(f"length-all-{how}", c=f"relaxed/{how}", l=str(size[how]))
        made.tag(f"length-part-{how}", c=f"relaxed/{how}", l="10")
        made.tag(f"length-none-{how}", c=f"relaxed/{how}", l="0")
        made.message(f"length-appended-{how}", made.signed(c=f"relaxed/{how}", l=str(size[how])) + b"and more\r\n")
        made.message(f"length-changed-{how}",
                     made.signed(c=f"relaxed/{how}", l=str(size[how])).replace(b"soup", b"soap"))
        made.tag(f"length-more-{how}", c=f"relaxed/{how}", l=str(size[how] + 1))
    made.message("length-bad", made.signed().replace(b" bh=", b" l=-1; bh=", 1))
    made.message("length-endless", made.signed().replace(b" bh=", b" l=" + b"9" * 76 + b"; bh=", 1))


def add_several(made):
    sound, changed = made.signed(), made.signed(key="ed25519")
    twelve = MESSAGE
    for number in range(12):
        twelve = made.signed(twelve, s="missing" if number % 2 else "rsa2048", t=str(NOW - number))
    made.message("twelve", twelve)
    made.message("pass-fail", made.signed(sound.replace(b"soup", b"soap")))
    made.message("fail-pass", made.signed(sound).replace(b"; b=", b"; b=AAAA", 1))
    made.message("covered", made.signed(changed, headers=HEADERS + ["dkim-signature"]))
    made.message("covered-changed", made.signed(changed, headers=HEADERS + ["dkim-signature"]).replace(b"s=ed25519", b"s=ed25518", 1))
    hostile = b"DKIM-Signature: v=1; a=rsa-sha256; d=x.org; s=x; h=from; bh=x; b=x; i=x=\r\n" + MESSAGE
    made.message("covers-hostile", made.signed(hostile, headers=HEADERS + ["dkim-signature"]))
    made.message("covers-hostile-changed", made.signed(hostile, headers=HEADERS + ["dkim-signature"]).replace(b"i=x=", b"i=y="))
    made.message("covers-misread", made.signed(made.signed(web="yes"), headers=HEADERS + ["dkim-signature"]))
    made.message("covers-many", made.signed(headers=HEADERS + ["dkim-signature"] * 33))
    made.message("all-covered", made.keys.sign_tags(
        b"From: joe@example.org\r\n\r\nhi\r\n", "rsa2048",
        {"v": "1", "a": "rsa-sha256", "d": "example.org", "s": "rsa2048", "h": "from:dkim-signature:x:y:z"},
        ["from", "x", "y", "z"]))
    alike = b"".join(b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=missing; h=from; bh=" + b"A" * 43 + b"=; b=" + text +
                     b"\r\n" for text in (b"AAAABBBBCCCCDDDD", b"AAAABBBBCCCCEEEE", b"AAAABBBBFFFFGGGG", b"ZZZZ", b"AAAABBBBCCCCDDDD"))
    made.message("rotated-changed", made.signed(s="rotated").replace(b"dinner", b"supper"))
    made.message("rotated-body", made.signed(s="rotated").replace(b"soup", b"soap"))
    made.message("alike", alike + MESSAGE)


def main():
    made = Fixtures()
    add_keys(made)
    add_sound(made)
    add_odd_white(made)
    add_changed(made)
    add_tags(made)
    add_lengths(made)
    add_several(made)
    OUT.write_text("\n".join(made.lines) + "\n", encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
