#!/usr/bin/python3
"""DMARC by the Public Suffix List (dmarc.discovery = "psl") against two readers that are not ours: Mail::DMARC
(libmail-dmarc-perl) and authheaders (python3-authheaders).

Random policies, names and identifiers under real suffixes: policy found, organizational domain, alignment and
disposition have to be the same. Both readers know RFC 7489 and have their ways; the differences meant are the classes
below, each as narrow as it can be said, and whatever none explains fails the test.
Usage: dmarc_psl_differential.py [CASES [SEED]].
"""
import collections
import contextlib
import os
import random
import shutil
import subprocess
import sys

SKIPPED = 77
LIST = "/usr/share/publicsuffix/public_suffix_list.dat"
SUFFIXES = ["com", "com", "org", "co.uk", "github.io", "foo.ck", "city.kawasaki.jp", "x.kawasaki.jp", "xn--p1ai"]
RECORDS = ["p=none", "p=quarantine", "p=reject", "p=reject; sp=none", "p=none; sp=reject", "p=quarantine; sp=quarantine",
           "p=reject; adkim=s", "p=reject; aspf=s", "p=reject; adkim=s; aspf=s", "p=REJECT; sp=None", "p = reject ; sp = none",
           "p=reject; other=1", "p=quarantine; rua=mailto:r@example.com", "p=reject; rua=mailto:r@example.com; fo=1"]
ODD = ["p=reject; t=y", "p=quarantine; pct=0", "p=reject; np=none", "p=none; sp=quarantine; np=reject", "p=rejct", "sp=none",
       "p=reject; sp=x", "p=reject; sp=x; rua=mailto:r@example.com", "rua=mailto:r@example.com", "p=none; psd=y"]
VERSIONS = ["v=DMARC1; ", "v=DMARC1;", "v=DMARC1 ; "]
ODD_VERSIONS = ["v=dmarc1; ", "v=DMARC10; ", "V=DMARC1; ", "p=none; v=DMARC1; "]
RESULTS = ["pass", "pass", "pass", "fail", "softfail", "temperror", "none"]
REQUESTS = ("none", "quarantine", "reject")

Outcome = collections.namedtuple("Outcome", "where request result disposition spf dkim organization")
NOT_APPLIED = Outcome("-", "-", "-", "-", "-", "-", "-")


class Case:
    """One message: author domain, SPF, signatures, and TXT records by name."""

    def __init__(self, chance):
        suffix = chance.choice(SUFFIXES)
        self.author = self.name(chance, suffix)
        names = [self.author, self.author, chance.choice("ab") + "." + self.author, self.name(chance, suffix),
                 self.name(chance, chance.choice(SUFFIXES)), "evil" + self.author]
        if "." in self.author.removesuffix("." + suffix):
            names += [self.author.split(".", 1)[1]] * 2
        self.txt, self.odd_version, self.repeated = {}, set(), set()
        for place in [".".join(self.author.split(".")[count:]) for count in range(self.author.count(".") + 1)]:
            if chance.random() < 0.6:
                self.publish(chance, place)
        self.exists = chance.random() < 0.8
        self.spf = (chance.choice(RESULTS), chance.choice(names))
        self.dkim = [(chance.choice(RESULTS[:4] + ["permerror"]), chance.choice(names)) for _ in range(chance.choice([0, 1, 1, 2]))]

    @staticmethod
    def name(chance, suffix):
        return ".".join([chance.choice(["a", "b", "mail"]) for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 4]))] + [suffix])

    def publish(self, chance, place):
        text = chance.choice(VERSIONS) + chance.choice(RECORDS if chance.random() < 0.8 else ODD)
        texts = [text]
        if chance.random() < 0.05:
            self.odd_version.add(place)
            texts = [chance.choice(ODD_VERSIONS) + chance.choice(RECORDS)]
        elif chance.random() < 0.05:
            self.repeated.add(place)
            texts.append(chance.choice(VERSIONS) + chance.choice(RECORDS))
        if chance.random() < 0.1:
            texts.insert(chance.choice([0, len(texts)]), "hello world")
        self.txt[place] = texts

    def for_assay(self):
        lines = ["Z _dmarc.%s TXT %s" % (place, text) for place, texts in self.txt.items() for text in texts]
        lines += ["Z %s A 192.0.2.1" % self.author] if self.exists else []
        lines += ["F " + ("x@" + self.author).encode().hex(), "S %s %s" % self.spf]
        return "\n".join(lines + ["D %s %s" % one for one in self.dkim] + [".", ""])

    def for_perl(self):
        lines = ["A " + self.author, "S %s %s" % self.spf] + ["D %s %s" % one for one in self.dkim]
        lines += ["T _dmarc.%s %s" % (place, text) for place, texts in self.txt.items() for text in texts]
        return "\n".join(lines + [".", ""])

    def tags(self, place):
        """Of the record at a place, as a reader who is not strict would see them."""
        text = next((text for text in self.txt.get(place, []) if text.startswith("v=DMARC1")), "")
        return {tag.split("=")[0].strip(): tag.split("=")[1].strip().lower() for tag in text.split(";") if "=" in tag}


def assay(cases):
    """(outcome, tag, effective request, everything that was said) of each."""
    program = os.path.join(os.getcwd(), "tests/conformance/dmarc_cases")
    said = subprocess.run([program, "psl"], input="".join(case.for_assay() for case in cases), text=True, check=True,
                          stdout=subprocess.PIPE).stdout.splitlines()
    told = []
    for line in said:
        _, _, result, request, where, effective, spf, dkim, organization = line.split(" ")[:9]
        if result in ("none", "permerror"):
            told.append((NOT_APPLIED, "-", effective, line))
            continue
        aligned = "pass" if "spf" in spf or "dkim" in dkim else "fail"
        told.append((Outcome(where, request.split("=")[1], aligned, effective if aligned == "fail" else "none",
                             "pass" if spf == "spf" else "fail", "pass" if dkim == "dkim" else "fail", organization),
                     request.split("=")[0], effective, line))
    return told


def mail_dmarc(cases):
    reader = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dmarc_psl_reader.pl")
    said = subprocess.run(["perl", reader], input="".join(case.for_perl() for case in cases), text=True, check=True,
                          stdout=subprocess.PIPE).stdout.splitlines()
    return [NOT_APPLIED if line.startswith("- ") else
            Outcome(words[0], words[1].split("=")[1], *words[2:]) for line in said for words in [line.split()]]


class Authheaders:
    """Its own code with two things replaced: the DNS, and reading the suffix list anew for each name."""

    def __init__(self):
        # pylint: disable=import-outside-toplevel
        import authheaders
        from authheaders import dmarc_lookup
        from publicsuffix2 import PublicSuffixList
        self.module = authheaders
        with open(LIST, encoding="utf-8") as file:
            suffixes = PublicSuffixList(file)
        dmarc_lookup.get_org_domain = authheaders.get_org_domain = suffixes.get_public_suffix
        dmarc_lookup.dns_query = self.query
        self.case = None

    def query(self, name, _type="TXT"):
        if name.startswith("_dmarc."):
            return ['"%s"' % text for text in self.case.txt.get(name.removeprefix("_dmarc."), [])] or None
        return ["192.0.2.1"] if self.case.exists else None

    def aligned(self, spf, dkim):
        result = self.module.dmarc_per_from(self.case.author, spf, dkim, dnsfunc=self.query)[0]
        return "pass" if result == "pass" else "fail"

    def judge(self, case):
        self.case = case
        author = case.author
        _, where, _, request, record, organization = self.module.dmarc_per_from(author, dnsfunc=self.query, policy_only=True)
        if not record or not record.get("p"):
            return NOT_APPLIED
        spf = self.aligned(self.module.SPFAuthenticationResult(result=case.spf[0], smtp_mailfrom="x@" + case.spf[1]), None)
        signatures = [self.module.DKIMAuthenticationResult(result=result, header_d=domain) for result, domain in case.dkim]
        dkim = "pass" if "pass" in [self.aligned(None, one) for one in signatures] else "fail"
        result = "pass" if "pass" in (spf, dkim) else "fail"
        where = author if case.author == organization else where
        return Outcome(where, request, result, request if result == "fail" else "none", spf, dkim,
                       self.module.get_org_domain(author))


# Why a reader may say something else: (case, our outcome, our tag, effective request, theirs) -> bool

def broken(case, ours, _tag, _effective, theirs):
    """A record without a valid p, or with an invalid sp: RFC 9989 4.10.1 ends the evaluation or counts it as p=none; they
    stop with an error, or take the bad word for a policy."""
    places = [case.author, ours.where, theirs.where]
    tags = [case.tags(place) for place in places if place in case.txt]
    return any(found.get("p") not in REQUESTS or found.get("sp", "none") not in REQUESTS for found in tags)


def repeated(case, ours, _tag, _effective, theirs):
    """Two records at the author domain: RFC 9989 4.10 discards both and looks further up (RFC 7489 6.6.3 ended there)."""
    del ours, theirs
    return case.author in case.repeated


def odd_version(case, ours, _tag, _effective, theirs):
    """v=dmarc1, v=DMARC10: RFC 9989 4.8 wants DMARC1 exactly; they compare fewer letters or without case."""
    return bool(case.odd_version & {case.author, ours.where, theirs.where, organization_of(case)})


def non_existent(_case, ours, tag, _effective, theirs):
    """np came with RFC 9091 and 9989."""
    return tag == "np" and ours.where == theirs.where and ours.spf == theirs.spf and ours.dkim == theirs.dkim


def test_mode(case, ours, _tag, effective, theirs):
    """t=y came with RFC 9989 (4.7)."""
    return case.tags(ours.where).get("t") == "y" and effective != ours.request and \
        ours._replace(disposition="") == theirs._replace(disposition="")


def sampled(case, ours, _tag, _effective, theirs):
    """pct went with RFC 9989; Mail::DMARC still draws lots."""
    return "pct" in case.tags(ours.where) and ours._replace(disposition="") == theirs._replace(disposition="")


def suffix_exception(case, _ours, _tag, _effective, _theirs):
    """Mail::DMARC does not know the list's exceptions (!city.kawasaki.jp)."""
    names = [case.author, case.spf[1]] + [domain for _, domain in case.dkim]
    return any(name.endswith(".city.kawasaki.jp") for name in names)


def own_subdomain_policy(case, ours, tag, _effective, theirs):
    """authheaders applies sp to the domain that has the record itself."""
    return tag == "p" and ours.where == case.author and theirs.request == case.tags(case.author).get("sp") and \
        ours._replace(request="", disposition="") == theirs._replace(request="", disposition="")


def own_np(case, ours, tag, _effective, theirs):
    """authheaders applies np to the domain that has the record itself, where that has no address."""
    return tag == "p" and ours.where == case.author and theirs.request == case.tags(case.author).get("np") and \
        ours._replace(request="", disposition="") == theirs._replace(request="", disposition="")


def unread_sender(case, ours, _tag, _effective, theirs):
    """authheaders reads the domain of MAIL FROM with a pattern of its own that knows no xn--p1ai."""
    return case.spf[1].endswith(".xn--p1ai") and ours.spf == "pass" and theirs.spf == "fail" and \
        ours.dkim == theirs.dkim and ours.where == theirs.where and ours.organization == theirs.organization


def organization_of(case):
    return case.organization


CLASSES = {"Mail::DMARC": (broken, repeated, odd_version, non_existent, test_mode, sampled,
                           suffix_exception),
           "authheaders": (broken, repeated, odd_version, test_mode, own_subdomain_policy, own_np,
                           unread_sender)}


def compare(name, cases, ours, theirs):
    """The unexplained; counts of the rest are printed."""
    counts, wrong = collections.Counter(), []
    for case, (outcome, tag, effective, line), other in zip(cases, ours, theirs):
        if outcome == other:
            counts["the same"] += 1
            continue
        why = [one for one in CLASSES[name] if one(case, outcome, tag, effective, other)]
        counts[why[0].__name__ if why else "UNEXPLAINED"] += 1
        if not why:
            wrong.append("%s  assay: %s\n  %s: %s\n" % (case.for_assay(), line, name, " ".join(other)))
    print("%s: %s" % (name, ", ".join("%s %d" % pair for pair in counts.most_common())))
    if counts["the same"] < len(cases) * 7 // 10 or len(ours) != len(cases) or len(theirs) != len(cases):
        wrong.append("too few cases say anything")
    return wrong


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 2000
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 7489)
    cases = [Case(chance) for _ in range(count)]
    ours, wrong, readers = assay(cases), [], 0
    for case, (_, _, _, line) in zip(cases, ours):
        case.organization = line.split(" ")[8]
    if shutil.which("perl") and subprocess.run(["perl", "-MMail::DMARC::PurePerl", "-e", "1"], check=False,
                                               stderr=subprocess.DEVNULL).returncode == 0:
        wrong += compare("Mail::DMARC", cases, ours, mail_dmarc(cases))
        readers += 1
    else:
        print("# skipped: Mail::DMARC (libmail-dmarc-perl)")
    try:
        reader = Authheaders()
    except ImportError as missing:
        print("# skipped: authheaders (python3-authheaders): %s" % missing)
    else:
        with contextlib.redirect_stderr(None):
            told = [reader.judge(case) for case in cases]
        wrong += compare("authheaders", cases, ours, told)
        readers += 1
    for text in wrong[:5]:
        print(text)
    print("%d cases, %d readers, %d differences that nothing explains" % (count, readers, len(wrong)))
    return 1 if wrong else 0 if readers else SKIPPED


sys.exit(main())
