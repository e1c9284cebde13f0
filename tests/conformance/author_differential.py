#!/usr/bin/python3
"""From fields against the address parser of Python's standard library (email.headerregistry).

Random values from pieces that make parsers stumble. Where Python finds nothing wrong and every address has a domain,
Assay finds the same domains; where Assay finds one author domain, Python finds no other. The differences meant are
those of ALLOWED. Usage: author_differential.py [VALUES [SEED]].
"""
import os
import random
import re
import subprocess
import sys
import warnings
from email.headerregistry import HeaderRegistry

PIECES = ["a", "b", "John", '"', '"x y"', '"a@b.c"', '"<a@b.c>"', "<", ">", "@", ".", ",", " ", "(c)", "(a@b.c)", "(",
          "\\", "x.test", "good.example", "evil.example", "<a@x.test>", "u@good.example", "A <u@good.example>", ":", ";",
          "=?utf-8?q?a=2Cb?= ", "@x.test:", "<@r.example:u@x.test>", "g:", "(n(n))", '"a\\"b"', "u@", ".test", "\r\n "]
ONE, SEVERAL, BROKEN = "0", "3", "4"


def value(chance):
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 7)))


def allowed(text):
    """Differences meant: Python decodes encoded words outside display names, and refuses a trailing dot of a domain."""
    return re.search(r"=\?", text) is not None or re.search(r"\.\s*($|[,;>()\s])", text) is not None


def read_by_python(registry, text):
    """The domains, whether something is wrong, and whether each address has a domain; None where it gives up."""
    try:
        field = registry("From", text.replace("\r\n", ""))
        domains = sorted({address.domain.lower().rstrip(".") for address in field.addresses if address.domain})
        wrong = any(type(defect).__name__ != "ObsoleteHeaderDefect" for defect in field.defects)
        return domains, wrong, all(address.domain for address in field.addresses)
    except Exception:  # its parser raises errors of many kinds on malformed values
        return None


def is_bracketed(text, theirs, domains):
    """Meant too: before the only address in brackets stands what ought to be quoted, and names no other domain."""
    last = re.search(r">(\s|,|\([^()]*(\([^()]*\))?\))*$", text)
    return last is not None and {domain for domain in theirs if "." in domain} <= set(domains)


def differs(text, state, domains, python):
    if python is None or allowed(text):
        return False
    theirs, wrong, complete = python
    if state == ONE:
        return theirs != domains and not (wrong and is_bracketed(text, theirs, domains))
    if state == SEVERAL:
        return theirs != sorted(domains)
    return not wrong and complete and theirs != []


def main():
    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 5322)
    values = [value(chance) for _ in range(count)]
    program = os.path.join(os.getcwd(), "tests/conformance/dmarc_cases")
    told = subprocess.run([program], input="".join("F %s\n.\n" % text.encode().hex() for text in values), text=True,
                          check=True, stdout=subprocess.PIPE).stdout.splitlines()
    registry, different, compared = HeaderRegistry(), [], 0
    for text, line in zip(values, told):
        state, domains = line.split()[:2]
        domains = [] if domains == "-" else domains.split(",")
        python = read_by_python(registry, text)
        compared += python is not None and state in (ONE, SEVERAL)
        if differs(text, state, domains, python):
            different.append("%r: assay %s %s, python %s" % (text, state, domains, python))
    print("\n".join(different[:10]))
    print("%d values, %d read by both, %d differ" % (len(values), compared, len(different)))
    return 1 if different or len(told) != count or compared == 0 else 0


sys.exit(main())
