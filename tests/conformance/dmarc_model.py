#!/usr/bin/python3
"""DMARC against a model of RFC 9989 4.7 to 4.10 written for nothing but to be read beside the RFC.

Random zones over few names, random identifiers: policy_dmarc (through dmarc_cases) and the model have to agree in
every case. Usage: dmarc_model.py [CASES [SEED]].
"""
import itertools
import os
import random
import subprocess
import sys

REQUESTS = ["none", "quarantine", "reject"]
RECORDS = ["p=none", "p=quarantine", "p=reject", "p=reject; psd=y", "p=none; psd=y; np=reject", "p=none; psd=n",
           "p=reject; psd=n; sp=none", "p=reject; sp=quarantine; np=none", "p=none; np=reject", "p=reject; t=y",
           "p=quarantine; sp=reject; t=y", "p=reject; adkim=s", "p=reject; aspf=s", "p=reject; adkim=s; aspf=s",
           "p=rejct", "p=reject; sp=x", "p=reject; sp=x; rua=mailto:a@b.example", "rua=mailto:a@b.example",
           "adkim=s", "sp=reject; np=none", "psd=y", "psd=n; aspf=s", "rua=nobody", "sp=x"]


class Failed(Exception):
    """A lookup that nobody answered."""


def rightmost(name, labels):
    return ".".join(name.split(".")[-labels:])


def labels(name):
    return name.count(".") + 1


class Model:
    """One zone: `txt` maps a domain to the records at its _dmarc name, or to None where the lookup fails."""

    def __init__(self, txt, names):
        self.txt, self.names, self.guess = txt, names, {}

    def record(self, name):
        if name in self.guess:
            return self.guess[name]
        found = self.txt.get(name, [])
        if found is None:
            raise Failed(name)
        return parse(found[0]) if len(found) == 1 else None

    def walk(self, start):
        found, q = [], labels(start)
        while True:
            name = rightmost(start, q)
            record = self.record(name)
            if record is not None:
                found.append((name, record))
                if record["psd"] in ("y", "n"):
                    break
            if q == 1:
                break
            q = 7 if q >= 9 else q - 1
        return found

    def organization(self, start):
        found = self.walk(start)
        for name, record in found:
            if record["psd"] == "n":
                return name
            if record["psd"] == "y" and name != start:
                return rightmost(start, labels(name) + 1)
        return min((name for name, record in found), key=labels) if found else start

    def policy(self, author):
        own = self.record(author)
        if own is not None:
            return own, author, "p"
        found = dict(self.walk(author))
        organization = self.organization(author)
        record, where = self.record(organization), organization
        if record is None:
            for name, candidate in found.items():
                if candidate["psd"] == "y":
                    record, where = candidate, name
        if record is None:
            return None, None, None
        if record["np"] and not record["broken"] and not self.exists(author):
            if record["np"] != (record["sp"] or record["p"]):
                return record, where, "np"
        return record, where, "sp" if record["sp"] else "p"

    def exists(self, name):
        return any(other == name or other.endswith("." + name) for other in self.names)

    def aligned(self, author, other, strict):
        """True, False, or None: nobody knows."""
        if author == other:
            return True
        if strict:
            return False
        doubtful = set()
        for name in (author, other):
            for count in range(1, labels(name) + 1):
                if self.txt.get(rightmost(name, count), []) is None:
                    doubtful.add(rightmost(name, count))
        answers = set()
        for guesses in itertools.product([None, {"psd": "u"}, {"psd": "y"}, {"psd": "n"}], repeat=len(doubtful)):
            self.guess = dict(zip(sorted(doubtful), guesses))
            answers.add(self.organization(author) == self.organization(other))
        self.guess = {}
        return answers.pop() if len(answers) == 1 else None


def parse(text):
    tags = dict(tag.strip().split("=", 1) for tag in text.split(";"))
    bad = any(tags.get(tag, "none") not in REQUESTS for tag in ("p", "sp", "np"))
    request = {tag: tags[tag] if tags.get(tag) in REQUESTS else None for tag in ("p", "sp", "np")}
    broken = bad or request["p"] is None
    return {"p": request["p"] or "none", "sp": request["sp"], "np": request["np"], "psd": tags.get("psd", "u"),
            "t": tags.get("t") == "y", "adkim": tags.get("adkim") == "s", "aspf": tags.get("aspf") == "s",
            "broken": broken, "unusable": broken and ":" not in tags.get("rua", ""),
            "empty": not bad and "p" not in tags and "rua" not in tags}


def judge(model, author, spf, signatures):
    try:
        record, where, tag = model.policy(author)
    except Failed:
        return "temperror - - none - -"
    if record is None or record["empty"]:
        passed, _ = identifiers(model, author, spf, signatures, {"aspf": False, "adkim": False})
        return "none - - none " + words(passed)
    published = record[tag]
    effective = published
    if record["broken"]:
        effective = "none"
    elif record["t"]:
        effective = REQUESTS[max(0, REQUESTS.index(published) - 1)]
    policy = "%s=%s %s %s" % (tag, published, where, effective)
    passed, doubt = identifiers(model, author, spf, signatures, record)
    result = "permerror" if record["unusable"] else "pass" if any(passed.values()) else "temperror" if doubt else "fail"
    return "%s %s %s" % (result, policy, words(passed))


def words(passed):
    return "%s %s" % ("spf" if passed["spf"] else "-", "dkim" if passed["dkim"] else "-")


def identifiers(model, author, spf, signatures, modes):
    """({method: is there an aligned pass?}, could there be one that nobody knows of?)"""
    passed, doubt = {"spf": False, "dkim": False}, False
    for method, result, domain in [("spf", *spf)] + [("dkim", *one) for one in signatures]:
        if result not in ("pass", "temperror"):
            continue
        aligned = model.aligned(author, domain, modes["aspf" if method == "spf" else "adkim"])
        if result == "pass" and aligned:
            passed[method] = True
        elif aligned is None or aligned:
            doubt = True
    return passed, doubt


def some_name(chance):
    top = chance.choice(["t", "t", "t", "u"])
    return ".".join([chance.choice("ab") for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3, 6, 7, 8, 9, 11]))] + [top])


def some_case(chance):
    author = some_name(chance)
    identifiers = [some_name(chance) for _ in range(2)] + [author]
    identifiers += [chance.choice("ab") + "." + author, rightmost(author, max(1, labels(author) - 1))]
    txt, zone, names = {}, [], []
    for base in identifiers:
        for count in range(1, labels(base) + 1):
            name = rightmost(base, count)
            if name in txt or chance.random() < 0.55:
                continue
            fails = chance.random() < 0.04 and sum(found is None for found in txt.values()) < 2
            txt[name] = None if fails else [chance.choice(RECORDS) for _ in range(chance.choice([1, 1, 1, 1, 1, 2]))]
            zone += ["_dmarc.%s TXT !fail" % name] if fails else ["_dmarc.%s TXT v=DMARC1; %s" % (name, text)
                                                                  for text in txt[name]]
            names.append("_dmarc." + name)
    if chance.random() < 0.5:
        zone.append(author + " A 192.0.2.1")
        names.append(author)
    results = ["pass", "pass", "pass", "fail", "temperror", "none"]
    spf = (chance.choice(results), chance.choice(identifiers))
    signatures = [(chance.choice(results), chance.choice(identifiers)) for _ in range(chance.choice([0, 1, 1, 2, 3]))]
    text = ["Z " + line for line in zone] + ["F " + ("x@" + author).encode().hex(), "S %s %s" % spf]
    text += ["D %s %s" % one for one in signatures] + ["."]
    return "\n".join(text) + "\n", "0 %s %s" % (author, judge(Model(txt, names), author, spf, signatures))


def main():
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 9989)
    played = [some_case(chance) for _ in range(cases)]
    program = os.path.join(os.getcwd(), "tests/conformance/dmarc_cases")
    told = subprocess.run([program], input="".join(text for text, expected in played), text=True, check=True,
                          stdout=subprocess.PIPE).stdout.splitlines()
    wrong = [(text, expected, outcome) for (text, expected), outcome in zip(played, told) if expected != outcome]
    for text, expected, outcome in wrong[:5]:
        print("%s  model:  %s\n  assay:  %s\n" % (text, expected, outcome))
    outcomes = {}
    for text, expected in played:
        outcomes[expected.split()[2]] = outcomes.get(expected.split()[2], 0) + 1
    print("%d cases, %d differ; the model says %s" % (len(played), len(wrong), outcomes))
    return 1 if wrong or len(told) != cases else 0


sys.exit(main())
