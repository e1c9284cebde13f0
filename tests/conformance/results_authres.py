#!/usr/bin/python3
"""Reads the Authentication-Results that we write with authres (python3-authres), a reader that is not ours.

usage: results_authres.py [CASES [SEED]]

Every value comes back as it was, however hostile, or is left out where it should be; no value becomes a result; the
field keeps to its lines.
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
PIECES = ("a", "b.example", "joe", "@", ";", "(", ")", "\"", "\\", " ", "\t", "\r", "\n", "\r\n", "\r\n X: y", "=", "/", "?", "[", "]",
          "<", ">", ",", ":", ".", "..", "; dmarc=pass header.from=x", "\x01", "\x7f", "\xc3\xbc", "\xff", "(x", "x)",
          "-", "_", "+", "=?utf-8?q?x?=", "none", "1", "%s", "dkim=pass", "'")

try:
    import authres
except ImportError as missing:
    print(f"# skipped: {missing}")
    sys.exit(SKIPPED)


def hexadecimal(value):
    return value.encode("latin-1").hex()


def words(text):
    """A reason as a reader has to find it; none where it is empty."""
    text = re.sub(r"[^\x20-\x7e]", "?", text)[:200]
    return text.translate(str.maketrans("\"\\;()", "'/,[]")) or None


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
        for key in "dsab":
            given[key] = self.domain() if pick.random() < 0.9 else self.text() * 60
        given["i"] = pick.choice((self.text() + "@" + self.domain(), "@" + self.domain(), self.text()))
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
        if given["i"].lower() == "@" + given["d"].lower():
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
        return {name: self.given[key] for name, key in names
                if len(self.given[key]) <= 320 and re.fullmatch(r"[\x20-\x7e]+", self.given[key])
                and not re.search(r'["\\]', self.given[key])}


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
