#!/usr/bin/python3
"""Reads the Authentication-Results that we write with authres (python3-authres), a reader that is not ours.

usage: results_authres.py [CASES [SEED]]

Every value comes back as it was, however hostile, or is left out where it should be; no value becomes a result; the
field keeps to its lines, and holds nothing that reads like a result of ours.
"""
import os
import random
import re
import subprocess
import sys

PROGRAM = os.environ.get("RESULTS_CASES", "tests/conformance/results_cases")
SKIPPED = 77
RESULTS = {"spf": ("pass", "fail", "softfail", "none", "neutral", "temperror", "permerror"),
           "dkim": ("pass", "fail", "none", "policy", "neutral", "temperror", "permerror"),
           "dmarc": ("pass", "fail", "none", "temperror", "permerror")}
ALGORITHMS = ("rsa-sha256", "ed25519-sha256", "rsa-sha1")
METHODS = "spf|dkim|dmarc|arc|iprev|auth"
IMITATION = re.compile(rf"(?i)(?:^|[^a-z0-9])(?:{METHODS})(?:/\d*)?=|(?:{METHODS})(?:/\d*)?=(?:pass|fail|none)"
                       r"|(?:smtp|header|body|policy)\.[a-z0-9-]*(?:/\d*)?=")
# bounce+anna=example.org@lists.example: a local part of atoms, and a domain without "="
WITH_EQUALS = re.compile(r"[^ ()<>@,;:\\\"\[\].]+(?:\.[^ ()<>@,;:\\\"\[\].]+)*@[^ ()<>@,;:\\\"/\[\]?=]+")
PIECES = ("a", "b.example", "joe", "@", ";", "(", ")", "\"", "\\", " ", "\t", "\r", "\n", "\r\n", "\r\n X: y", "=", "/", "?", "[",
          "]", "<", ">", ",", ":", ".", "..", "; dmarc=pass header.from=x", "\x01", "\x7f", "\xc3\xbc", "\xff", "(x", "x)",
          "-", "_", "+", "dmarc=pass", "marc=", "spf/1=", "header.from=", " t=", " (l=y)", "x. d=",
          "=?utf-8?q?x?=", "none", "1", "%s", "dkim=pass", "'")

try:
    import authres
except ImportError as missing:
    print(f"# skipped: {missing}")
    sys.exit(SKIPPED)


def hexadecimal(value):
    return value.encode("latin-1").hex()


def is_tag(before):
    """Ends the text in front of a "=" with a tag of one or two letters, as "t=y"?"""
    return re.search(r"(?:^|[ ('])[A-Za-z]{1,2}\Z", before) and not re.search(r"\. *[A-Za-z]{1,2}\Z", before)


def words(text):
    """A reason as a reader has to find it; none where it is empty."""
    text = "".join("?" if letter == "=" and not is_tag(text[:i]) else letter for i, letter in enumerate(text[:200]))
    return re.sub(r"[^\x20-\x7e]", "?", text).translate(str.maketrans("\"\\;()", "'/,[]")) or None


def is_within(name, domain):
    name, domain = name.lower(), domain.lower()
    return name == domain or (name.endswith(domain) and name[len(name) - len(domain) - 1] == ".")


def is_shown(value):
    return len(value) <= 320 and re.fullmatch(r"[\x20-\x7e]+", value) and not re.search(r'["\\]', value) and (
        "=" not in value or (WITH_EQUALS.fullmatch(value) and not IMITATION.search(value)))


class Case:
    def __init__(self, pick):
        self.given = {}
        self.pick = pick
        if pick.random() < 0.2:
            self.given["user"] = self.text()
        else:
            self.judged()

    def text(self):
        return "".join(self.pick.choice(PIECES) for _ in range(self.pick.choice((0, 1, 1, 2, 3, 5, 9))))

    def domain(self):
        return self.pick.choice(("example.org", "sub.example.org", "xn--bcher-kva.example", "_x.example")) \
            if self.pick.random() < 0.5 else self.text()

    def judged(self):
        pick, given = self.pick, self.given
        for method, words in RESULTS.items():
            given[method] = pick.choice(words)
        given["spf_domain"], given["from"] = self.domain(), self.domain()
        given["spf_reason"], given["dkim_reason"], given["dmarc_reason"] = self.text(), self.text(), self.text()
        given["a"] = pick.choice(ALGORITHMS) if pick.random() < 0.5 else self.text()
        for key in "dsb":
            given[key] = self.domain() if pick.random() < 0.9 else self.text() * 60
        given["i"] = pick.choice((self.text() + "@" + self.domain(), self.text() + "@" + given["d"],
                                  "x@sub." + given["d"], "@" + self.domain(), self.text()))
        if pick.random() < 0.5:
            given["helo"], given["helo_domain"] = pick.choice(RESULTS["spf"][:3]), self.domain()
        if pick.random() < 0.5:
            given["policy"] = "x"

    def line(self):
        return " ".join(f"{key}={hexadecimal(value)}" for key, value in self.given.items()) + "\n"

    def expected(self):
        """[(method, result, reason, {property: value})]"""
        given = self.given
        if "user" in given:
            return [("auth", "pass", None, self.properties([("smtp.auth", "user")]))]
        results = []
        if "helo" in given:
            results.append(("spf", given["helo"], None, self.properties([("smtp.helo", "helo_domain")])))
        results.append(("spf", given["spf"], self.reason("spf"), self.properties([("smtp.mailfrom", "spf_domain")])))
        dkim = [("header.d", "d"), ("header.i", "i"), ("header.s", "s"), ("header.a", "a"), ("header.b", "b")]
        local, at, domain = given["i"].rpartition("@")
        if given["a"] not in ALGORITHMS:
            del dkim[3]
        if not at or not is_within(domain, given["d"]) or (local == "" and domain.lower() == given["d"].lower()):
            del dkim[1]
        results.append(("dkim", given["dkim"], words(given["dkim_reason"]), self.properties(dkim)))
        dmarc = self.properties([("header.from", "from")])
        if "policy" in given:
            dmarc["policy.dmarc"] = "none"
        results.append(("dmarc", given["dmarc"], self.reason("dmarc"), dmarc))
        return results

    def reason(self, method):
        return None if self.given[method] == "pass" else words(self.given[method + "_reason"])

    def properties(self, names):
        return {name: self.given[key] for name, key in names if is_shown(self.given[key])}


def read(value):
    header = authres.AuthenticationResultsHeader.parse("Authentication-Results: " + value)
    return header.authserv_id, [(result.method, result.result, result.reason,
                                 {f"{found.type}.{found.name}": found.value for found in result.properties})
                                for result in header.results]


def agree(text, read_results, expected):
    """authres drops a quoted value unless it is the last of its result; what it does find has to be right."""
    if len(read_results) != len(expected):
        return False
    for found, wanted in zip(read_results, expected):
        if found[:3] != wanted[:3]:
            return False
        last = list(wanted[3])[-1:]
        for name, value in wanted[3].items():
            lost = f'{name}="' in text and [name] != last
            if found[3].get(name, value if lost else None) != value:
                return False
        if set(found[3]) - set(wanted[3]):
            return False
    return True


def complaint(case, value, forged):
    if re.search(r"\n(?!\t)|[^\x20-\x7e\n\t]|(?<!\n)\t", value):
        return "an octet that has no place in a field"
    if not forged:
        return "not known as our own"
    # authres wants CRLF folds, as they are on the wire
    try:
        owner, results = read(value.replace("\n", "\r\n"))
    except authres.core.AuthResError as error:
        return f"authres: {type(error).__name__} {error}"
    if owner != "mx":
        return f"authserv-id {owner}"
    if not agree(value, results, case.expected()):
        return f"reads {results}, not {case.expected()}"
    return None


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    pick = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    if not os.path.exists(PROGRAM):
        print(f"# skipped: {PROGRAM} has not been built")
        return SKIPPED
    cases = [Case(pick) for _ in range(count)]
    answer = subprocess.run([PROGRAM], input="".join(case.line() for case in cases), stdout=subprocess.PIPE, check=True,
                            text=True).stdout
    wrong = 0
    for case, line in zip(cases, answer.splitlines(), strict=True):
        value, forged = line.split(" ")
        value = bytes.fromhex(value).decode("latin-1")
        why = complaint(case, value, forged == "1")
        if why is not None:
            wrong += 1
            print(f"# {why}: {value!r}")
    print(f"# {count} fields")
    print(f"{'not ' if wrong else ''}ok - Authentication-Results: authres reads what was written")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
